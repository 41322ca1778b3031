package io.sallyport.token;

import io.sallyport.http.AccessHeaders;
import io.sallyport.testkit.OwnLoops;
import java.security.Principal;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.ReactiveOAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * A stock origin: Spring Security's resource server with nothing but the settings that its documentation names. Carries no
 * stereotype, or the product's own component scan would find it in tests.
 */
@ImportAutoConfiguration({
    CodecsAutoConfiguration.class,
    HttpHandlerAutoConfiguration.class,
    NettyReactiveWebServerAutoConfiguration.class,
    WebFluxAutoConfiguration.class,
    ReactiveWebSecurityAutoConfiguration.class,
    ReactiveOAuth2ResourceServerAutoConfiguration.class
})
class SampleResourceServer {
    static ConfigurableApplicationContext start(String certs, String issuer, String audience) {
        SpringApplication application = new SpringApplication(SampleResourceServer.class, OwnLoops.class);
        application.setWebApplicationType(WebApplicationType.REACTIVE);
        application.setDefaultProperties(Map.of(
                "spring.config.name",
                "sample-origin",
                "server.port",
                "0",
                "server.address",
                "127.0.0.1",
                "spring.security.oauth2.resourceserver.jwt.jwk-set-uri",
                certs,
                "spring.security.oauth2.resourceserver.jwt.issuer-uri",
                issuer,
                "spring.security.oauth2.resourceserver.jwt.audiences",
                audience));
        return application.run("--spring.config.name=sample-origin");
    }

    @Bean
    SecurityWebFilterChain security(ServerHttpSecurity http) {
        return http.authorizeExchange(exchanges -> exchanges.anyExchange().authenticated())
                .oauth2ResourceServer(server -> server.jwt(jwt -> {})
                        .bearerTokenConverter(exchange -> Mono.justOrEmpty(
                                        exchange.getRequest().getHeaders().getFirst(AccessHeaders.JWT_ASSERTION))
                                .map(BearerTokenAuthenticationToken::new)))
                .build();
    }

    @Bean
    RouterFunction<ServerResponse> hello() {
        return RouterFunctions.route()
                .GET(
                        "/",
                        request -> request.principal()
                                .map(Principal::getName)
                                .defaultIfEmpty("nobody")
                                .flatMap(name -> ServerResponse.ok().bodyValue("hello " + name)))
                .build();
    }
}
