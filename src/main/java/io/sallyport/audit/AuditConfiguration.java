package io.sallyport.audit;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The audit log and what reads and prunes it. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@EnableConfigurationProperties(AuditSettings.class)
public class AuditConfiguration {
    @Bean
    AuthEvents authEvents(JdbcTemplate jdbc) {
        return new AuthEvents(jdbc);
    }

    @Bean(destroyMethod = "close")
    QueuedAuditLog auditLog(AuthEvents sink, AuditSettings settings, MeterRegistry meters) {
        return new QueuedAuditLog(sink, settings.queue(), meters);
    }

    @Bean
    TrailLines trailLines(JdbcClient jdbc) {
        return new TrailLines(jdbc);
    }

    @Bean
    AuditTrail auditTrail(JdbcTemplate jdbc, TrailLines lines, InstantSource clock) {
        return new AuditTrail(jdbc, lines, clock);
    }

    @Bean
    LastSeen lastSeen(JdbcTemplate jdbc) {
        return new LastSeen(jdbc);
    }

    @Bean
    Retention retention(JdbcClient jdbc, InstantSource clock, AuditSettings settings) {
        return new Retention(jdbc, clock, settings.keepEvents());
    }
}
