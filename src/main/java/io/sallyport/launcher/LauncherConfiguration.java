package io.sallyport.launcher;

import io.sallyport.http.Countries;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.session.AppPassLedger;
import io.sallyport.session.GlobalSession;
import io.sallyport.session.OwnSessions;
import io.sallyport.session.PassLinks;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.Sealer;
import io.sallyport.web.Pages;
import io.sallyport.web.Vigil;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;

/** Wires the portal. */
@Configuration(proxyBeanMethods = false)
class LauncherConfiguration {
    /** Before the login's routes, whose last one answers for everything else on the team domain. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    RouterFunction<ServerResponse> launcherRoutes(
            SnapshotHolder snapshots,
            InstantSource clock,
            Countries countries,
            ClientCertificates certificates,
            GlobalSession sessions,
            OwnSessions own,
            AppPassLedger passes,
            PassLinks links,
            Sealer sealer,
            Pages pages,
            Vigil vigil,
            Scheduler loginScheduler) {
        return new LauncherRoutes(snapshots, clock, countries, certificates, vigil, loginScheduler)
                .routes(
                        new Portal(sessions, pages),
                        new Account(sessions, own, new OwnPasses(passes, links), new FormTokens(sealer), pages));
    }
}
