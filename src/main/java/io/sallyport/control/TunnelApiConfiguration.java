package io.sallyport.control;

import io.sallyport.catalog.DnsRecordRepository;
import io.sallyport.catalog.TunnelConfigurations;
import io.sallyport.catalog.TunnelRepository;
import io.sallyport.session.WrongCredentials;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.KeyWrapper;
import io.sallyport.token.ManagementKey;
import io.sallyport.tunnel.ConnectorTrust;
import io.sallyport.tunnel.ManagementHost;
import io.sallyport.tunnel.TunnelLedger;
import io.sallyport.web.Pages;
import jakarta.persistence.EntityManager;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The part of the admin API about tunnels and the names that lead to them. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DnsSettings.class)
class TunnelApiConfiguration {
    @Bean
    TunnelLedger tunnelLedger(
            JdbcClient jdbc,
            TransactionOperations transactions,
            JdbcConnectionDetails database,
            InstantSource clock,
            @Value("${sallyport.tunnel.location:sallyport}") String location) {
        return new JdbcTunnelLedger(jdbc, transactions, JdbcClient.create(unpooled(database)), clock, location);
    }

    /** Asked once, at the end, and not for long. */
    static DataSource unpooled(JdbcConnectionDetails database) {
        DriverManagerDataSource source = new DriverManagerDataSource(database.getJdbcUrl());
        source.setUsername(database.getUsername());
        source.setPassword(database.getPassword());
        Properties patience = new Properties();
        patience.setProperty("connectTimeout", "2");
        patience.setProperty("socketTimeout", "2");
        source.setConnectionProperties(patience);
        return source;
    }

    @Bean
    HostnameClaims hostnameClaims(JdbcClient jdbc, ReservedHosts reserved) {
        return new HostnameClaims(jdbc, reserved);
    }

    @Bean
    StoredTunnels storedTunnels(
            TunnelRepository tunnels, KeyWrapper wrapper, EntityManager entities, InstantSource clock) {
        return new StoredTunnels(tunnels, wrapper, entities, clock);
    }

    @Bean
    TunnelChanges tunnelChanges(
            Transactions transactions,
            StoredTunnels tunnels,
            TunnelConfigurations configurations,
            HostnameClaims claims,
            AccountScope scope,
            JdbcClient jdbc,
            AdminAudit audit,
            ConnectorTrust trust,
            ControlSettings settings,
            @Value("${sallyport.tunnel.location:sallyport}") String location) {
        LiveTunnels live = new LiveTunnels(jdbc, location);
        TunnelViews views =
                new TunnelViews(configurations, live, scope, tunnels, () -> trust.guide(settings.consoleDomain()));
        return new TunnelChanges(transactions, tunnels, views, live, claims, audit);
    }

    @Bean
    DnsUpdates dnsUpdates(JdbcClient jdbc, DnsSettings settings) {
        return new DnsUpdates(jdbc, Optional.ofNullable(settings.rfc2136()).map(DnsServer::new));
    }

    @Bean
    DnsRecordChanges dnsRecordChanges(
            Transactions transactions,
            DnsRecordRepository records,
            StoredTunnels tunnels,
            DnsSettings settings,
            HostnameClaims claims,
            DnsUpdates updates,
            AdminAudit audit,
            InstantSource clock) {
        DnsAliases aliases = new DnsAliases(tunnels, new TunnelNames(settings.tunnelDomain()), claims, updates);
        return new DnsRecordChanges(transactions, records, aliases, new DnsRecordViews(updates), audit, clock);
    }

    @Bean
    TunnelCertificates tunnelCertificates(
            AdminTokenChanges tokens,
            AccountScope scope,
            ConnectorTrust trust,
            KeyWrapper wrapper,
            JdbcClient jdbc,
            InstantSource clock) {
        return new TunnelCertificates(tokens, scope, trust, wrapper, jdbc, clock);
    }

    @Bean
    TunnelCertificatesController tunnelCertificatesController(TunnelCertificates certificates) {
        return new TunnelCertificatesController(certificates);
    }

    @Bean
    TunnelAuthorityController tunnelAuthorityController(ConnectorTrust trust) {
        return new TunnelAuthorityController(trust);
    }

    /** Before the login's routes, whose last one answers for everything else on the host at which cloudflared waits. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    RouterFunction<ServerResponse> tunnelLoginRoutes(
            TunnelCertificates certificates, AdminTokens tokens, WrongCredentials wrong, Pages pages) {
        Scheduler blocking =
                Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "tunnel-login");
        return new TunnelLoginRoutes(certificates, tokens, wrong, pages, blocking).routes();
    }

    @Bean
    DnsRecordsController dnsRecordsController(
            Transactions transactions,
            DnsRecordChanges records,
            AccountScope scope,
            SnapshotHolder snapshots,
            InstantSource clock) {
        return new DnsRecordsController(
                records,
                new DnsBatch(transactions, records),
                new DnsZoneFiles(transactions, records, clock),
                scope,
                new Guards(snapshots));
    }

    @Bean
    ServedHostnamesController servedHostnamesController(Transactions transactions, JdbcClient jdbc) {
        return new ServedHostnamesController(new ServedHostnames(transactions, jdbc));
    }

    @Bean
    Zones zones(
            Transactions transactions,
            JdbcClient jdbc,
            AccountScope scope,
            OrganizationChanges organization,
            AdminAudit audit,
            InstantSource clock) {
        return new Zones(transactions, jdbc, scope, organization, audit, clock);
    }

    @Bean
    ZonesController zonesController(Zones zones) {
        return new ZonesController(zones);
    }

    @Bean
    ManagementTokens managementTokens(
            Transactions transactions,
            StoredTunnels tunnels,
            ManagementKey key,
            ManagementHost host,
            AccountScope scope,
            AdminAudit audit,
            InstantSource clock) {
        return new ManagementTokens(transactions, tunnels, key, host, scope, audit, clock);
    }

    @Bean
    TunnelConfigurationChanges tunnelConfigurationChanges(
            Transactions transactions,
            StoredTunnels tunnels,
            TunnelConfigurations configurations,
            HostnameClaims claims,
            AccountScope scope,
            AdminAudit audit,
            InstantSource clock) {
        return new TunnelConfigurationChanges(transactions, tunnels, configurations, claims, scope, audit, clock);
    }

    @Bean
    TunnelsController tunnelsController(
            TunnelChanges tunnels, TunnelConfigurationChanges configurations, ManagementTokens management) {
        return new TunnelsController(tunnels, configurations, management);
    }
}
