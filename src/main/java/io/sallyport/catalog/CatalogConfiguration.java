package io.sallyport.catalog;

import jakarta.persistence.EntityManager;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The tables, as beans. */
@Configuration(proxyBeanMethods = false)
@EntityScan
@EnableJpaRepositories
public class CatalogConfiguration {
    @Bean
    ConfigVersion configVersion(JdbcClient jdbc) {
        return new ConfigVersion(jdbc);
    }

    @Bean
    Destinations destinations(JdbcClient jdbc, EntityManager entities) {
        return new Destinations(jdbc, entities);
    }

    @Bean
    PolicyLinks policyLinks(JdbcClient jdbc, EntityManager entities) {
        return new PolicyLinks(jdbc, entities);
    }
}
