package io.sallyport.scim;

import io.sallyport.session.SessionLedger;
import io.sallyport.session.WrongCredentials;
import io.sallyport.snapshot.SnapshotHolder;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;

/** Wires inbound SCIM. */
@Configuration(proxyBeanMethods = false)
class ScimConfiguration {
    /** Before the login's routes, whose last one answers for everything else on the team domain. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    RouterFunction<ServerResponse> scimRoutes(
            SnapshotHolder snapshots,
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            SessionLedger sessions,
            WrongCredentials wrong,
            InstantSource clock,
            Scheduler loginScheduler) {
        Leavers leavers = new Leavers(jdbc, sessions);
        ScimEndpoint endpoint = new ScimEndpoint(
                new ScimUsers(jdbc, leavers, clock),
                new ScimGroups(jdbc, leavers, clock),
                new TransactionTemplate(transactions),
                new ScimLog(jdbc, clock));
        return new ScimRoutes(snapshots, new ScimDoor(jdbc, wrong), endpoint, loginScheduler).routes();
    }
}
