package io.sallyport.demo;

import io.sallyport.tunnel.TunnelServer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.Environment;

/** Wires the demo beside the gateway; only under the profile that the command {@code demo} switches on. */
@Configuration(proxyBeanMethods = false)
@Profile("demo")
@EnableConfigurationProperties(DemoProperties.class)
class DemoConfiguration {
    @Bean
    Demo demo(Environment environment, DemoProperties properties, TunnelServer tunnels, LoggingSystem logging) {
        return new Demo(environment, properties, tunnels, logging);
    }
}
