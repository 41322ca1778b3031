package io.sallyport.control;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AuditTrail;
import io.sallyport.audit.AuthEvents;
import io.sallyport.audit.TrailLines;
import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.token.KeyWrapper;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import reactor.core.scheduler.Schedulers;

/** The part of the admin API about what happened: authentication events, and the trail of admin changes with its seals. */
@Configuration(proxyBeanMethods = false)
class LogsApiConfiguration {
    @Bean
    AccessLogs accessLogs(Transactions transactions, AuthEvents events, ApplicationRepository applications) {
        return new AccessLogs(transactions, events, applications);
    }

    @Bean
    AuditSeals auditSeals(
            TrailLines lines,
            JdbcClient jdbc,
            KeyWrapper wrapper,
            PlatformTransactionManager manager,
            InstantSource clock,
            MeterRegistry meters) {
        return new AuditSeals(lines, jdbc, wrapper, manager, clock, meters);
    }

    @Bean
    LogsController logsController(
            AccessLogs logs,
            Transactions transactions,
            AuditTrail trail,
            TrailLines lines,
            AuditSeals seals,
            JdbcClient jdbc) {
        AuditExport export = new AuditExport(
                lines,
                seals,
                Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "audit-export"));
        return new LogsController(logs, new AuditHistory(transactions, trail), new DirectoryViews(jdbc), export, seals);
    }
}
