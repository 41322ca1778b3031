package io.sallyport.session;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AuditTrail;
import io.sallyport.http.OutboundRules;
import io.sallyport.token.Sealer;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Wires sessions and their ledger. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CredentialSettings.class)
class SessionConfiguration {
    @Bean
    WorkloadTokens workloadTokens(OutboundRules rules) {
        return new WorkloadTokens(rules);
    }

    @Bean
    SessionReader sessionReader(WorkloadTokens workloads) {
        return new SessionReader(workloads);
    }

    @Bean
    SessionLedger sessionLedger(JdbcClient jdbc, PlatformTransactionManager transactions, InstantSource clock) {
        return new JdbcSessionLedger(jdbc, new TransactionTemplate(transactions), clock);
    }

    @Bean
    GlobalSession globalSession(SessionLedger ledger) {
        return new GlobalSession(ledger);
    }

    @Bean
    AppPassLedger appPassLedger(
            JdbcClient jdbc, PlatformTransactionManager transactions, SessionLedger ledger, AuditTrail audit) {
        return new AppPassLedger(jdbc, new TransactionTemplate(transactions), ledger, audit);
    }

    @Bean
    BrowserMarks browserMarks(Sealer sealer) {
        return new BrowserMarks(sealer);
    }

    @Bean
    PassLinks passLinks(Sealer sealer) {
        return new PassLinks(sealer);
    }

    @Bean
    OwnSessions ownSessions(JdbcClient jdbc, SessionLedger ledger) {
        return new OwnSessions(jdbc, ledger);
    }

    @Bean
    HttpExternalEvaluation externalEvaluation(OutboundRules rules, InstantSource clock) {
        return new HttpExternalEvaluation(new OutboundExchange(rules), clock);
    }

    @Bean
    AppTokens appTokens(ExternalEvaluation evaluation) {
        return new AppTokens(evaluation);
    }

    @Bean
    WrongCredentials wrongCredentials(CredentialSettings settings, MeterRegistry meters) {
        return new WrongCredentials(settings.wrongPerMinute(), meters);
    }

    @Bean
    ServiceAssertions serviceAssertions() {
        return new ServiceAssertions();
    }
}
