package io.sallyport.tunnel;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.KeyWrapper;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Wires the edge side of the tunnel. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TunnelSettings.class)
class TunnelConfiguration {
    @Bean
    TunnelDirectory tunnelDirectory() {
        return new TunnelDirectory();
    }

    /** Lazy: a deployment with a certificate of its own never makes one. */
    @Bean
    @Lazy
    TunnelAuthority tunnelAuthority(JdbcClient database, KeyWrapper wrapper, InstantSource clock) {
        return TunnelAuthority.readOrCreate(database, wrapper, clock);
    }

    @Bean
    TunnelServer tunnelServer(
            TunnelSettings settings,
            ServerProperties server,
            ObjectProvider<TunnelAuthority> authority,
            SnapshotHolder snapshots,
            TunnelDirectory directory,
            ObjectProvider<TunnelLedger> ledger,
            MeterRegistry meters,
            InstantSource clock) {
        TunnelMetrics metrics = new TunnelMetrics(meters, directory);
        List<ConnectionListener> listeners = new ArrayList<>(List.of(metrics));
        LedgerKeeper keeper = settings.tunnel().enabled()
                ? ledger.stream().map(LedgerKeeper::new).findFirst().orElse(null)
                : null;
        if (keeper != null) {
            listeners.add(keeper);
            snapshots.listen(keeper);
        }
        Registrar registrar = new Registrar(
                snapshots,
                directory,
                metrics,
                listeners,
                clock,
                settings.tunnel().location());
        return new TunnelServer(
                settings.tunnel(),
                server.getAddress(),
                new TunnelTls(settings, authority::getObject, clock),
                registrar,
                directory,
                keeper == null ? () -> {} : keeper::close);
    }
}
