package io.sallyport.testkit;

import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * Event loops of its own for each server of a test JVM: the global ones end with whichever server is closed first, and with them all
 * others. They end at once, not when nothing happened on them for two seconds.
 */
@Configuration(proxyBeanMethods = false)
public class OwnLoops {
    @Bean
    ReactorResourceFactory reactorResourceFactory() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        resources.setShutdownQuietPeriod(Duration.ZERO);
        return resources;
    }
}
