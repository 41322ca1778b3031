package io.sallyport.catalog;

import jakarta.persistence.EntityManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The tables, as beans. */
@Configuration(proxyBeanMethods = false)
@EntityScan
@EnableJpaRepositories
@EnableConfigurationProperties(CatalogSettings.class)
public class CatalogConfiguration {
    static {
        // By default the pool does not test a connection that was used within the last half second. With a frozen
        // database a write would then wait for the whole socket timeout.
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
    }

    private static final String NO_DATABASE = "'${spring.datasource.url:}' == ''";

    /** Only when no database is configured; closed after the pool that depends on it. */
    @Bean(destroyMethod = "close")
    @ConditionalOnExpression(NO_DATABASE)
    PostgresServer postgresServer(CatalogSettings settings, ObjectProvider<EmbeddedDatabase> early) {
        EmbeddedDatabase started = early.getIfAvailable();
        return started == null ? EmbeddedDatabase.start(settings) : started.handOver();
    }

    @Bean
    @ConditionalOnExpression(NO_DATABASE)
    JdbcConnectionDetails embeddedDatabase(PostgresServer server) {
        return new JdbcConnectionDetails() {
            @Override
            public String getJdbcUrl() {
                return server.jdbcUrl(EmbeddedDatabase.NAME);
            }

            @Override
            public String getUsername() {
                return server.user();
            }

            @Override
            public String getPassword() {
                return server.password();
            }
        };
    }

    @Bean
    ConfigVersion configVersion(JdbcClient jdbc) {
        return new ConfigVersion(jdbc);
    }

    @Bean
    Rehearsal rehearsal(JdbcTemplate jdbc) {
        return new Rehearsal(jdbc);
    }

    @Bean
    Destinations destinations(JdbcClient jdbc, EntityManager entities) {
        return new Destinations(jdbc, entities);
    }

    @Bean
    TunnelConfigurations tunnelConfigurations(JdbcClient jdbc, EntityManager entities) {
        return new TunnelConfigurations(jdbc, entities);
    }

    @Bean
    PolicyLinks policyLinks(JdbcClient jdbc, EntityManager entities) {
        return new PolicyLinks(jdbc, entities);
    }
}
