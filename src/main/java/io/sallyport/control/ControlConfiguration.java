package io.sallyport.control;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AuditTrail;
import io.sallyport.audit.AuthEvents;
import io.sallyport.audit.TrailLines;
import io.sallyport.catalog.AccountRepository;
import io.sallyport.catalog.AdminTokenRepository;
import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.CertificateRepository;
import io.sallyport.catalog.ConfigVersion;
import io.sallyport.catalog.CustomPageRepository;
import io.sallyport.catalog.Destinations;
import io.sallyport.catalog.GroupRepository;
import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.ListItemRepository;
import io.sallyport.catalog.ListRepository;
import io.sallyport.catalog.OrganizationRepository;
import io.sallyport.catalog.OriginRepository;
import io.sallyport.catalog.PolicyLinks;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.Rehearsal;
import io.sallyport.catalog.ServiceTokenRepository;
import io.sallyport.catalog.TagRepository;
import io.sallyport.catalog.UserRepository;
import io.sallyport.http.OutboundRules;
import io.sallyport.session.OutboundExchange;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.SigningKeys;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.SnapshotLoader;
import io.sallyport.token.KeyWrapper;
import jakarta.persistence.EntityManager;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.annotation.ArgumentResolverConfigurer;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import reactor.core.scheduler.Schedulers;

/** The admin API: its door, its machinery, and one controller per resource. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ControlSettings.class)
@Import(TunnelApiConfiguration.class)
public class ControlConfiguration {
    /** The chain of the console's API: bearer tokens only, so there is no session, form or cross-site request to guard. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    SecurityWebFilterChain adminApiSecurity(ServerHttpSecurity http, AdminTokens tokens, AccountScope scope) {
        AdminDoor door = new AdminDoor(
                tokens,
                scope,
                Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "admin-door"));
        return http.securityMatcher(exchange -> ApiErrors.isApi(exchange)
                        ? ServerWebExchangeMatcher.MatchResult.match()
                        : ServerWebExchangeMatcher.MatchResult.notMatch())
                .csrf(ServerHttpSecurity.CsrfSpec::disable)
                .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
                .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
                .logout(ServerHttpSecurity.LogoutSpec::disable)
                .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
                .addFilterAt(door, SecurityWebFiltersOrder.AUTHENTICATION)
                .build();
    }

    @Bean
    WebFluxConfigurer adminApiArguments() {
        return new WebFluxConfigurer() {
            @Override
            public void configureArgumentResolvers(ArgumentResolverConfigurer configurer) {
                configurer.addCustomResolver(new ApiArguments());
            }
        };
    }

    @Bean
    ApiErrors apiErrors() {
        return new ApiErrors();
    }

    @Bean
    AdminTokens adminTokens(ControlSettings settings, AdminTokenRepository stored, InstantSource clock) {
        return new AdminTokens(BootstrapToken.of(settings.adminToken(), settings.dataDir()), stored, clock);
    }

    @Bean
    AdminTokenChanges adminTokenChanges(
            Transactions transactions,
            AdminTokenRepository stored,
            AdminTokens tokens,
            AdminAudit audit,
            InstantSource clock) {
        return new AdminTokenChanges(transactions, stored, tokens, audit, clock);
    }

    @Bean
    AdminTokensController adminTokensController(AdminTokenChanges changes) {
        return new AdminTokensController(changes);
    }

    @Bean
    AccountScope accountScope(AccountRepository accounts) {
        return new AccountScope(accounts);
    }

    @Bean
    Transactions transactions(
            PlatformTransactionManager manager,
            ConfigVersion version,
            Rehearsal rehearsal,
            EntityManager entities,
            SnapshotLoader loader,
            SnapshotCompiler compiler) {
        return new Transactions(manager, version, rehearsal, entities, loader, compiler);
    }

    @Bean
    AdminAudit adminAudit(AuditTrail trail) {
        return new AdminAudit(trail);
    }

    @Bean
    References references(
            ApplicationRepository applications,
            PolicyRepository policies,
            GroupRepository groups,
            ListRepository lists,
            IdentityProviderRepository idps,
            ServiceTokenRepository serviceTokens,
            CustomPageRepository pages,
            JdbcClient jdbc) {
        return new References(applications, policies, groups, lists, idps, serviceTokens, pages, jdbc);
    }

    @Bean
    ReservedHosts reservedHosts(ControlSettings settings, OrganizationRepository organizations) {
        return new ReservedHosts(settings.consoleDomain(), organizations);
    }

    @Bean
    PolicyCheck policyCheck(References references, GroupRepository groups) {
        return new PolicyCheck(references, groups);
    }

    @Bean
    ApplicationViews applicationViews(PolicyLinks links, PolicyRepository policies) {
        return new ApplicationViews(links, policies);
    }

    @Bean
    PolicyAttachments policyAttachments(PolicyRepository policies, PolicyLinks links, PolicyCheck check) {
        return new PolicyAttachments(policies, links, check);
    }

    @Bean
    ApplicationChanges applicationChanges(
            Transactions transactions,
            ApplicationRepository applications,
            Destinations destinations,
            PolicyAttachments attachments,
            ApplicationViews views,
            References references,
            ReservedHosts reserved,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        return new ApplicationChanges(
                transactions,
                applications,
                destinations,
                attachments,
                views,
                references,
                reserved,
                sessions,
                audit,
                clock);
    }

    @Bean
    ApplicationsController applicationsController(
            ApplicationChanges applications,
            Transactions transactions,
            ApplicationViews views,
            UserRepository users,
            UserSessions sessions,
            SnapshotHolder snapshots,
            AccountScope scope) {
        return new ApplicationsController(
                applications,
                new UserPolicyChecks(transactions, applications, views, users, sessions, snapshots, scope));
    }

    @Bean
    AppPoliciesController appPoliciesController(
            Transactions transactions,
            ApplicationChanges applications,
            ApplicationViews views,
            PolicyAttachments attachments,
            PolicyRepository policies,
            PolicyLinks links,
            AdminAudit audit,
            InstantSource clock) {
        return new AppPoliciesController(
                new AppPolicyChanges(transactions, applications, views, attachments, policies, links, audit, clock));
    }

    @Bean
    PolicyChanges policyChanges(
            Transactions transactions,
            PolicyRepository policies,
            PolicyLinks links,
            PolicyCheck check,
            References references,
            AccountScope scope,
            AdminAudit audit,
            InstantSource clock) {
        return new PolicyChanges(transactions, policies, links, check, references, scope, audit, clock);
    }

    @Bean
    PoliciesController policiesController(PolicyChanges policyChanges) {
        return new PoliciesController(policyChanges);
    }

    @Bean
    GroupChanges groupChanges(
            Transactions transactions,
            GroupRepository groups,
            References references,
            AdminAudit audit,
            InstantSource clock) {
        return new GroupChanges(transactions, groups, references, audit, clock);
    }

    @Bean
    GroupsController groupsController(GroupChanges groupChanges) {
        return new GroupsController(groupChanges);
    }

    @Bean
    IdentityProviderChanges identityProviderChanges(
            Transactions transactions,
            IdentityProviderRepository providers,
            References references,
            KeyWrapper wrapper,
            OutboundRules outbound,
            JdbcClient jdbc,
            SnapshotHolder snapshots,
            AdminAudit audit,
            InstantSource clock) {
        return new IdentityProviderChanges(
                transactions,
                providers,
                references,
                wrapper,
                new SamlImport(new OutboundExchange(outbound)),
                new ScimSecrets(jdbc),
                new TeamDomain(snapshots),
                audit,
                clock);
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
    SamlCertificatesController samlCertificatesController(SamlCertificates certificates) {
        return new SamlCertificatesController(certificates);
    }

    @Bean
    ServiceTokenChanges serviceTokenChanges(
            Transactions transactions,
            ServiceTokenRepository tokens,
            References references,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        return new ServiceTokenChanges(transactions, tokens, references, sessions, audit, clock);
    }

    @Bean
    ServiceTokensController serviceTokensController(ServiceTokenChanges serviceTokenChanges) {
        return new ServiceTokensController(serviceTokenChanges);
    }

    @Bean
    KeysController keysController(Transactions transactions, SigningKeys keys, AdminAudit audit) {
        return new KeysController(transactions, keys, audit);
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

    @Bean
    OrganizationChanges organizationChanges(
            Transactions transactions,
            OrganizationRepository organizations,
            References references,
            ReservedHosts reserved,
            AdminAudit audit,
            InstantSource clock) {
        return new OrganizationChanges(transactions, organizations, references, reserved, audit, clock);
    }

    @Bean
    OrganizationController organizationController(OrganizationChanges organization, UserChanges users) {
        return new OrganizationController(organization, users);
    }

    @Bean
    TagChanges tagChanges(
            Transactions transactions,
            TagRepository tags,
            References references,
            JdbcClient jdbc,
            AdminAudit audit,
            InstantSource clock) {
        return new TagChanges(transactions, tags, references, jdbc, audit, clock);
    }

    @Bean
    TagsController tagsController(TagChanges tagChanges) {
        return new TagsController(tagChanges);
    }

    @Bean
    ListChanges listChanges(
            Transactions transactions,
            ListRepository lists,
            ListItemRepository items,
            References references,
            AdminAudit audit,
            InstantSource clock) {
        return new ListChanges(transactions, lists, items, references, audit, clock);
    }

    @Bean
    OpenApiController openApiController(
            @Qualifier("requestMappingHandlerMapping") ObjectProvider<RequestMappingHandlerMapping> mappings) {
        return new OpenApiController(mappings::getObject);
    }

    @Bean
    CertificateChanges certificateChanges(
            Transactions transactions,
            CertificateRepository certificates,
            JdbcClient jdbc,
            AdminAudit audit,
            InstantSource clock) {
        return new CertificateChanges(transactions, certificates, jdbc, audit, clock);
    }

    @Bean
    CertificatesController certificatesController(CertificateChanges certificates) {
        return new CertificatesController(certificates);
    }

    @Bean
    BookmarksController bookmarksController(ApplicationChanges applications) {
        return new BookmarksController(applications);
    }

    @Bean
    ListsController listsController(ListChanges listChanges) {
        return new ListsController(listChanges);
    }

    @Bean
    OriginChanges originChanges(
            Transactions transactions,
            OriginRepository origins,
            ReservedHosts reserved,
            HostnameClaims claims,
            AdminAudit audit,
            InstantSource clock) {
        return new OriginChanges(transactions, origins, reserved, claims, audit, clock);
    }

    @Bean
    WorkloadIssuersController workloadIssuersController(
            Transactions transactions,
            org.springframework.jdbc.core.simple.JdbcClient jdbc,
            References references,
            AdminAudit audit,
            InstantSource clock) {
        return new WorkloadIssuersController(new WorkloadIssuerChanges(transactions, jdbc, references, audit, clock));
    }

    @Bean
    OriginsController originsController(OriginChanges originChanges) {
        return new OriginsController(originChanges);
    }

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

    @Bean
    AccountsController accountsController(AccountScope scope, OrganizationChanges organization) {
        return new AccountsController(scope, organization);
    }
}
