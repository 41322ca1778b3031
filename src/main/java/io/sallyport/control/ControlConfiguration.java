package io.sallyport.control;

import io.sallyport.audit.AuditTrail;
import io.sallyport.catalog.AccountRepository;
import io.sallyport.catalog.AdminTokenRepository;
import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.ConfigVersion;
import io.sallyport.catalog.CustomPageRepository;
import io.sallyport.catalog.GroupRepository;
import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.ListRepository;
import io.sallyport.catalog.OrganizationRepository;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.Rehearsal;
import io.sallyport.catalog.ServiceTokenRepository;
import io.sallyport.session.WrongCredentials;
import io.sallyport.snapshot.SigningKeys;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotLoader;
import io.sallyport.tunnel.ManagementHost;
import io.sallyport.web.Vigil;
import jakarta.persistence.EntityManager;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.web.reactive.config.BlockingExecutionConfigurer;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.result.method.annotation.ArgumentResolverConfigurer;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import reactor.core.scheduler.Schedulers;

/** The admin API: its door, its machinery, and what concerns the account as a whole. Its parts bring configurations of their own. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ControlSettings.class)
class ControlConfiguration {
    /** The chain of the console's API: bearer tokens only, so there is no session, form or cross-site request to guard. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    SecurityWebFilterChain adminApiSecurity(
            ServerHttpSecurity http, AdminTokens tokens, WrongCredentials wrong, AccountScope scope, Vigil vigil) {
        AdminDoor door = new AdminDoor(
                tokens,
                wrong,
                scope,
                vigil,
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
    WebFluxConfigurer adminApi() {
        return new WebFluxConfigurer() {
            @Override
            public void configureBlockingExecution(BlockingExecutionConfigurer configurer) {
                // Handlers stay on the thread that the door gave them: on another, nobody would see one die.
                configurer.setControllerMethodPredicate(_ -> false);
            }

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
    AccountScope accountScope(AccountRepository accounts, JdbcClient jdbc) {
        return new AccountScope(accounts, jdbc);
    }

    @Bean
    AccountsController accountsController(AccountScope scope) {
        return new AccountsController(scope);
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
    Transactions transactions(
            PlatformTransactionManager manager,
            ConfigVersion version,
            Rehearsal rehearsal,
            EntityManager entities,
            SnapshotLoader loader,
            SnapshotCompiler compiler,
            PlanningPlace planning) {
        return new Transactions(manager, version, rehearsal, entities, loader, compiler, planning);
    }

    @Bean
    PlanningPlace planningPlace() {
        return new PlanningPlace(PlanningPlace.Times.USUAL);
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
    ReservedHosts reservedHosts(
            ControlSettings settings, ManagementHost management, OrganizationRepository organizations) {
        return new ReservedHosts(settings.consoleDomain(), management, organizations);
    }

    @Bean
    KeyChanges keyChanges(Transactions transactions, SigningKeys keys, AdminAudit audit) {
        return new KeyChanges(transactions, keys, audit);
    }

    @Bean
    KeysController keysController(KeyChanges keys) {
        return new KeysController(keys);
    }

    @Bean
    OpenApiController openApiController(
            @Qualifier("requestMappingHandlerMapping") ObjectProvider<RequestMappingHandlerMapping> mappings) {
        return new OpenApiController(mappings::getObject);
    }
}
