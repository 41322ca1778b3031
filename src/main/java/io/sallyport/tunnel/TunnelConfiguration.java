package io.sallyport.tunnel;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.KeyWrapper;
import io.sallyport.token.ManagementKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import reactor.netty.resources.LoopResources;

/** Wires the edge's end of tunnels. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({TunnelSettings.class, ReplicaSettings.class})
class TunnelConfiguration {
    /** An embedded database is not shared, so there are no other replicas. */
    private static final String SHARED = "${sallyport.replica.enabled:true} and '${spring.datasource.url:}' != ''";

    @Bean
    TunnelDirectory tunnelDirectory() {
        return new TunnelDirectory();
    }

    /** Lazy: a deployment with a configured certificate needs no authority. */
    @Bean
    @Lazy
    TunnelAuthority tunnelAuthority(JdbcClient database, KeyWrapper wrapper, InstantSource clock) {
        return TunnelAuthority.readOrCreate(database, wrapper, clock);
    }

    @Bean
    ConnectorTrust connectorTrust(
            TunnelSettings settings, ObjectProvider<TunnelAuthority> authority, ObjectProvider<TunnelServer> server) {
        return ConnectorTrust.of(
                settings, authority::getObject, () -> server.getObject().port());
    }

    /** Lazy: tests of the edge without a database provide their own key. */
    @Bean
    @Lazy
    ManagementKey managementKey(JdbcClient database, KeyWrapper wrapper, InstantSource clock) {
        return ManagementKeys.readOrCreate(database, wrapper, clock);
    }

    @Bean
    ManagementHost managementHost(TunnelSettings settings) {
        return ManagementHost.of(settings.tunnel().managementHostname());
    }

    @Bean
    TunnelServer tunnelServer(
            TunnelSettings settings,
            ServerProperties server,
            ObjectProvider<TunnelAuthority> authority,
            SnapshotHolder snapshots,
            TunnelDirectory directory,
            ObjectProvider<TunnelLedger> ledger,
            ReactorResourceFactory web,
            ObjectProvider<TunnelRoom> room,
            MeterRegistry meters,
            InstantSource clock) {
        TunnelMetrics metrics = new TunnelMetrics(meters, directory, tunnel -> {
            Snapshot now = snapshots.current();
            return now == null || now.tunnels().containsKey(tunnel);
        });
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
                new WithdrawalFeed(meters, clock),
                listeners,
                clock,
                settings.tunnel().location());
        TunnelTls tls = measured(new TunnelTls(settings, authority::getObject, clock), meters);
        return measured(
                new TunnelServer(
                        settings.tunnel(),
                        new TunnelListeners(
                                server.getAddress(), tls, registrar, room.getIfAvailable(TunnelRoom::ample)),
                        tls,
                        directory,
                        () -> web.getLoopResources().onServer(LoopResources.DEFAULT_NATIVE),
                        keeper == null ? () -> {} : keeper::close),
                meters);
    }

    private static TunnelServer measured(TunnelServer server, MeterRegistry meters) {
        Gauge.builder("sallyport.tunnel.open", server, TunnelServer::open)
                .description("connections to the tunnel listeners, registered or not")
                .register(meters);
        Gauge.builder("sallyport.tunnel.windows", server, TunnelServer::windows)
                .description("bytes by which the windows of QUIC streams exceed their initial size")
                .baseUnit("bytes")
                .register(meters);
        return server;
    }

    private static TunnelTls measured(TunnelTls tls, MeterRegistry meters) {
        Gauge.builder(
                        "sallyport.tunnel.certificate.left",
                        tls,
                        each -> each.left().toSeconds())
                .description("time until the certificate of the tunnel listeners expires")
                .baseUnit("seconds")
                .register(meters);
        return tls;
    }

    @Bean
    Replicas replicas(MeterRegistry meters) {
        Replicas replicas = new Replicas();
        FunctionCounter.builder("sallyport.replica.requests.sent", replicas, Replicas::sent)
                .description("requests forwarded to other replicas, which have connections of the tunnel")
                .register(meters);
        Gauge.builder("sallyport.replica.reachable", replicas, Replicas::reachable)
                .description("reachable other replicas that have tunnel connections")
                .register(meters);
        return replicas;
    }

    @Bean
    TunnelPaths tunnelPaths(TunnelDirectory directory, Replicas replicas) {
        return new TunnelPaths(directory, replicas);
    }

    @Bean
    @ConditionalOnExpression(SHARED)
    ReplicaWatch replicaWatch(TunnelLedger ledger) {
        return new ReplicaWatch(ledger);
    }

    @Bean
    @ConditionalOnExpression(SHARED)
    ReplicaExchange replicaExchange(
            ReplicaSettings settings,
            TunnelSettings tunnel,
            JdbcConnectionDetails connection,
            JdbcClient database,
            KeyWrapper wrapper,
            InstantSource clock,
            TunnelLedger ledger,
            ReplicaWatch watch,
            Replicas replicas,
            TunnelDirectory directory,
            ObjectProvider<TunnelRoom> room,
            MeterRegistry meters) {
        LongAdder received = new LongAdder();
        FunctionCounter.builder("sallyport.replica.requests.received", received, LongAdder::sum)
                .description("requests received from other replicas, which have no connection of the tunnel")
                .register(meters);
        ReplicaListener listener = tunnel.tunnel().enabled()
                ? new ReplicaListener(
                        settings.port(),
                        () -> ReplicaAddress.of(settings.address(), connection.getJdbcUrl()),
                        ledger,
                        directory,
                        received,
                        room.getIfAvailable(TunnelRoom::ample).links())
                : null;
        return new ReplicaExchange(
                listener,
                () -> new ReplicaTls(
                        SharedAuthority.readOrCreate(SharedAuthority.Purpose.REPLICAS, database, wrapper, clock),
                        ledger.replica(),
                        clock),
                watch,
                replicas);
    }
}
