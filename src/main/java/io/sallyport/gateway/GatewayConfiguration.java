package io.sallyport.gateway;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AppPassUse;
import io.sallyport.audit.ServiceTokenUse;
import io.sallyport.decision.DecisionLog;
import io.sallyport.gateway.wire.ConnectionLimits;
import io.sallyport.gateway.wire.EdgeLimits;
import io.sallyport.gateway.wire.EdgeServer;
import io.sallyport.gateway.wire.Visitors;
import io.sallyport.http.Countries;
import io.sallyport.session.AppTokens;
import io.sallyport.session.BrowserMarks;
import io.sallyport.session.ServiceAssertions;
import io.sallyport.session.SessionLedger;
import io.sallyport.session.SessionReader;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.ManagementKey;
import io.sallyport.tunnel.ManagementHost;
import io.sallyport.tunnel.TunnelPaths;
import io.sallyport.tunnel.TunnelRoom;
import io.sallyport.web.Answers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedHandler;
import org.springframework.security.web.server.firewall.ServerWebExchangeFirewall;

/** Wires the edge, in the order a request passes it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EdgeSettings.class)
class GatewayConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayConfiguration.class);

    static {
        // How many pieces of an answer may wait for a visitor who does not read. The default of 128 means 8 MiB for
        // each visitor, and an attacker who reads slowly decides how many visitors there are (TU-06, DO-03).
        if (System.getProperty("reactor.netty.send.maxPrefetchSize") == null) {
            System.setProperty("reactor.netty.send.maxPrefetchSize", "16");
        }
    }

    @Bean
    AccessLogFilter accessLogFilter(EdgeSettings settings, InstantSource clock, MeterRegistry meters) {
        return new AccessLogFilter(new AccessLog(settings.accessLog().format(), clock), meters);
    }

    @Bean
    RequestTargetFilter requestTargetFilter(
            ApplicationContext context,
            EdgeSettings settings,
            SnapshotHolder snapshots,
            Answers answers,
            ApplicationHandler applications,
            ManagementHandler management,
            ManagementHost managementHost) {
        return new RequestTargetFilter(
                context, settings, new Faces(settings, managementHost), snapshots, answers, applications, management);
    }

    @Bean
    Descriptors descriptors() {
        return Descriptors.ofThisProcess();
    }

    @Bean
    TunnelRoom tunnelRoom(Descriptors descriptors) {
        int fitting = descriptors.connectors(TunnelRoom.MOST_SOCKETS);
        if (fitting < TunnelRoom.MOST_SOCKETS) {
            LOG.warn(
                    "only {} connections of connectors are taken over TCP instead of {}: the system grants this process no descriptors"
                            + " for more. Raise its limit (ulimit -n, or LimitNOFILE of the unit)",
                    fitting,
                    TunnelRoom.MOST_SOCKETS);
        }
        return TunnelRoom.of(fitting, descriptors.replicas(TunnelRoom.MOST_LINKS));
    }

    @Bean
    Visitors visitors() {
        return new Visitors();
    }

    @Bean
    SendOff sendOff(Visitors visitors) {
        return new SendOff(visitors);
    }

    @Bean
    EdgeServer edgeServer(
            EdgeSettings settings, Descriptors descriptors, TunnelRoom room, Visitors visitors, MeterRegistry meters) {
        EdgeLimits limits = settings.limits();
        int fitting = descriptors.connections(limits.connections(), room.descriptors());
        if (fitting < limits.connections()) {
            LOG.warn(
                    "only {} connections of clients are taken instead of {}: the system grants this process no descriptors for more."
                            + " Raise its limit (ulimit -n, or LimitNOFILE of the unit), or lower sallyport.limits.connections",
                    fitting,
                    limits.connections());
        }
        ConnectionLimits connections = new ConnectionLimits(limits.atMost(fitting), settings.trusted());
        meters.gauge("sallyport.connections", connections, ConnectionLimits::open);
        return new EdgeServer(limits, connections, visitors);
    }

    @Bean
    Refusals refusals(Answers answers) {
        return new Refusals(answers);
    }

    @Bean
    Origins origins(EdgeSettings settings, Descriptors descriptors, TunnelRoom room, MeterRegistry meters) {
        OriginConnections connections =
                new OriginConnections(descriptors.connections(Integer.MAX_VALUE, room.descriptors()));
        meters.gauge("sallyport.origin.connections", connections, OriginConnections::open);
        return new Origins(connections, settings.limits().answer());
    }

    @Bean
    Countries countries(EdgeSettings settings) throws IOException {
        Path database = settings.geo().database();
        return database == null ? Countries.unknown() : Countries.read(database);
    }

    @Bean
    Offload edgeOffload() {
        return new Offload();
    }

    @Bean
    Decider decider(
            SessionReader sessions, AppTokens tokens, SessionLedger ledger, Offload offload, Countries countries) {
        return new Decider(sessions, new Reissue(tokens, ledger, offload), countries);
    }

    @Bean
    LiveConnections liveConnections(
            SnapshotHolder snapshots,
            Decider decider,
            CertificateJudge certificates,
            InstantSource clock,
            MeterRegistry meters) {
        LiveConnections live = new LiveConnections(snapshots, decider, certificates, clock);
        meters.gauge("sallyport.live", live, LiveConnections::count);
        return live;
    }

    @Bean
    Admitting admitting(
            SessionReader sessions,
            ServiceAssertions assertions,
            Offload offload,
            ServiceTokenUse uses,
            AppPassUse passUses) {
        return new Admitting(sessions, assertions, offload, uses, passUses);
    }

    @Bean
    Consequences consequences(
            Admitting admitting,
            BrowserMarks marks,
            Offload offload,
            Refusals refusals,
            Answers answers,
            DecisionLog decisions,
            SnapshotHolder snapshots,
            MeterRegistry meters) {
        DecisionNotes notes = new DecisionNotes(decisions, meters);
        snapshots.listen(notes);
        return new Consequences(admitting, new LoginRedirect(answers, marks, offload), refusals, answers, notes);
    }

    @Bean
    AccessFilter accessFilter(
            WorkloadTokens workloads,
            Offload offload,
            Decider decider,
            Consequences consequences,
            Refusals refusals,
            InstantSource clock) {
        return new AccessFilter(workloads, offload, decider, consequences, new CommandLines(offload), refusals, clock);
    }

    /** The filter chain is exactly this list: no filter of the framework or of a dependency is added to it. */
    @Bean
    EdgeChain edgeChain(AccessFilter access, LiveConnections live, Refusals refusals, TunnelRouting tunnels) {
        return new EdgeChain(List.of(
                access,
                new AssertionFilter(),
                new UpstreamFilter(new WebSocketRelay(), tunnels, live, refusals),
                new OriginAnswerFilter(),
                new OriginRouting()));
    }

    @Bean
    TunnelRouting tunnelRouting(TunnelPaths tunnels, EdgeSettings settings) {
        return new TunnelRouting(tunnels, settings.limits().answer());
    }

    @Bean
    ManagementHandler managementHandler(
            SnapshotHolder snapshots,
            ManagementKey key,
            ManagementHost host,
            TunnelRouting tunnels,
            LiveConnections live,
            Offload offload,
            InstantSource clock) {
        ManagementDoor door = new ManagementDoor(key, host, clock);
        return new ManagementHandler(snapshots, door, new WebSocketRelay(), tunnels, live, offload);
    }

    @Bean
    ApplicationHandler applicationHandler(
            SnapshotHolder snapshots,
            Origins origins,
            EdgeChain chain,
            Refusals refusals,
            CertificateJudge certificates) {
        HeapWatch heap = HeapWatch.ofThisProcess();
        return new ApplicationHandler(snapshots, heap, origins, chain, refusals, certificates);
    }

    @Bean
    GatewayErrors gatewayErrors(Answers answers) {
        return new GatewayErrors(answers);
    }

    /** Last, because Spring Boot's own customizer would otherwise put its smaller limits over ours. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> edgeServerCustomizer(EdgeServer edge) {
        return factory -> factory.addServerCustomizers(edge::strict);
    }

    @Bean
    HttpsListener httpsListener(
            EdgeSettings settings,
            EdgeServer edge,
            SnapshotHolder snapshots,
            HttpHandler handler,
            ServerProperties server,
            InstantSource clock,
            MeterRegistry meters) {
        HttpsListener listener = new HttpsListener(settings, edge, snapshots, handler, server.getAddress(), clock);
        if (settings.tls().configured()) {
            Gauge.builder("sallyport.https.certificate.left", listener, HttpsListener::secondsLeft)
                    .description("how long the certificate that browsers are shown is still good")
                    .baseUnit("seconds")
                    .register(meters);
        }
        return listener;
    }

    /**
     * On application hosts the gateway's own filters are the security; Spring's headers, sessions and CSRF protection
     * would interfere with the applications' pages.
     */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    SecurityWebFilterChain applicationSecurity() {
        return EdgeSecurity.nothingOfSpring();
    }

    @Bean
    ServerWebExchangeFirewall edgeFirewall() {
        return EdgeSecurity.firewall();
    }

    @Bean
    ServerExchangeRejectedHandler edgeFirewallRefusals() {
        return EdgeSecurity.refusals();
    }
}
