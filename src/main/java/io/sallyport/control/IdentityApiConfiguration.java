package io.sallyport.control;

import io.sallyport.audit.AuthEvents;
import io.sallyport.catalog.CertificateRepository;
import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.UserRepository;
import io.sallyport.http.OutboundRules;
import io.sallyport.session.OutboundExchange;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.KeyWrapper;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The part of the admin API about who vouches for people and workloads, and about the people themselves. */
@Configuration(proxyBeanMethods = false)
class IdentityApiConfiguration {
    @Bean
    StoredProviders storedProviders(IdentityProviderRepository providers, KeyWrapper wrapper, InstantSource clock) {
        return new StoredProviders(providers, wrapper, clock);
    }

    @Bean
    IdentityProviderViews identityProviderViews(SnapshotHolder snapshots) {
        return new IdentityProviderViews(new TeamDomain(snapshots));
    }

    @Bean
    SamlImport samlImport(OutboundRules outbound, InstantSource clock) {
        return new SamlImport(new OutboundExchange(outbound), clock);
    }

    @Bean
    MetadataRenewal metadataRenewal(
            Transactions transactions,
            StoredProviders providers,
            IdentityProviderViews views,
            SamlImport samlImport,
            JdbcClient jdbc,
            AdminAudit audit,
            InstantSource clock) {
        return new MetadataRenewal(
                transactions, providers, views, samlImport, new MetadataReadings(jdbc, clock), audit);
    }

    @Bean
    IdentityProviderChanges identityProviderChanges(
            Transactions transactions,
            StoredProviders providers,
            IdentityProviderViews views,
            References references,
            SamlImport samlImport,
            JdbcClient jdbc,
            AdminAudit audit,
            InstantSource clock,
            SessionLedger sessions) {
        return new IdentityProviderChanges(
                transactions,
                providers,
                views,
                references,
                samlImport,
                new MetadataReadings(jdbc, clock),
                new ScimSecrets(jdbc, clock),
                sessions,
                audit);
    }

    @Bean
    IdentityProvidersController identityProvidersController(
            IdentityProviderChanges identityProviderChanges, JdbcClient jdbc) {
        return new IdentityProvidersController(identityProviderChanges, new DirectoryViews(jdbc));
    }

    @Bean
    SamlCertificates samlCertificates(
            Transactions transactions,
            IdentityProviderRepository providers,
            JdbcClient jdbc,
            KeyWrapper wrapper,
            AdminAudit audit,
            InstantSource clock) {
        return new SamlCertificates(transactions, providers, jdbc, wrapper, audit, clock);
    }

    @Bean
    SamlCertificatesController samlCertificatesController(
            SamlCertificates certificates, IdentityProviderChanges providers) {
        return new SamlCertificatesController(certificates, providers);
    }

    @Bean
    CertificateChanges certificateChanges(
            Transactions transactions, CertificateRepository certificates, AdminAudit audit, InstantSource clock) {
        return new CertificateChanges(transactions, certificates, audit, clock);
    }

    @Bean
    CertificateSettings certificateSettings(Transactions transactions, JdbcClient jdbc, AdminAudit audit) {
        return new CertificateSettings(transactions, jdbc, audit);
    }

    @Bean
    CertificatesController certificatesController(CertificateChanges certificates, CertificateSettings settings) {
        return new CertificatesController(certificates, settings);
    }

    @Bean
    WorkloadIssuerChanges workloadIssuerChanges(
            Transactions transactions, JdbcClient jdbc, References references, AdminAudit audit, InstantSource clock) {
        return new WorkloadIssuerChanges(transactions, jdbc, references, audit, clock);
    }

    @Bean
    WorkloadIssuersController workloadIssuersController(WorkloadIssuerChanges issuers) {
        return new WorkloadIssuersController(issuers);
    }

    @Bean
    UserChanges userChanges(
            Transactions transactions,
            UserRepository users,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        return new UserChanges(transactions, users, sessions, audit, clock);
    }

    @Bean
    UserSessions userSessions(
            Transactions transactions,
            UserChanges users,
            SessionLedger ledger,
            AuthEvents events,
            AccessLogs logs,
            AccountScope scope,
            JdbcClient jdbc,
            InstantSource clock) {
        return new UserSessions(transactions, users, ledger, events, logs, scope, jdbc, clock);
    }

    @Bean
    UsersController usersController(UserChanges users, UserSessions sessions) {
        return new UsersController(users, sessions);
    }
}
