package io.sallyport.control;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Wires the dashboard. */
@Configuration(proxyBeanMethods = false)
class ConsoleConfiguration {
    @Bean
    RouterFunction<ServerResponse> consoleRoutes() {
        return new ConsoleRoutes(new ConsoleFiles()).routes();
    }
}
