package io.sallyport.bench;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.cloud.gateway.route.builder.RouteLocatorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Spring Cloud Gateway with one route and nothing of ours: what the gate is measured against. Reads none of our settings; what the
 * class path brings for databases, security and mail is left out by name. Not annotated as a configuration: the figures of this
 * package start the whole gate, which takes in every configuration below {@code io.sallyport}.
 */
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
            "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
            "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration",
            "org.springframework.boot.security.autoconfigure.actuate.web.reactive.ReactiveManagementWebSecurityAutoConfiguration"
        })
public class PlainGateway {
    /** Starts it; {@code --origin} names where everything goes. */
    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(PlainGateway.class);
        application.setWebApplicationType(WebApplicationType.REACTIVE);
        application.setDefaultProperties(
                Map.of("spring.config.name", "plain-gateway", "spring.main.banner-mode", "off"));
        System.setProperty("spring.config.name", "plain-gateway");
        application.run(args);
    }

    @Bean
    RouteLocator routes(RouteLocatorBuilder builder, Environment environment) {
        return builder.routes()
                .route("all", route -> route.path("/**").uri(environment.getRequiredProperty("origin")))
                .build();
    }
}
