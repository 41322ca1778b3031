package io.sallyport.decision;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The decision log and what reads and prunes it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DecisionSettings.class)
class DecisionConfiguration {
    private static final Duration RETRY = Duration.ofSeconds(1);

    @Bean
    Decisions decisions(JdbcTemplate jdbc, PlatformTransactionManager transactions) {
        return new Decisions(jdbc, new TransactionTemplate(transactions));
    }

    @Bean(destroyMethod = "close")
    QueuedDecisionLog decisionLog(Decisions sink, DecisionSettings settings, MeterRegistry meters) {
        return new QueuedDecisionLog(sink, settings.queue(), settings.fold(), RETRY, meters);
    }

    @Bean
    DecisionRetention decisionRetention(JdbcClient jdbc, InstantSource clock, DecisionSettings settings) {
        return new DecisionRetention(jdbc, clock, settings.keep(), settings.keepRows());
    }
}
