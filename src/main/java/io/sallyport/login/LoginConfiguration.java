package io.sallyport.login;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AuditLog;
import io.sallyport.decision.DecisionLog;
import io.sallyport.doctor.ProviderExaminer;
import io.sallyport.http.Countries;
import io.sallyport.http.OutboundRules;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.session.AppTokens;
import io.sallyport.session.BrowserMarks;
import io.sallyport.session.PassLinks;
import io.sallyport.session.SessionLedger;
import io.sallyport.session.SourceLimits;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.token.Sealer;
import io.sallyport.web.Answers;
import io.sallyport.web.Pages;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher.MatchResult;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

/** Wires the login flow. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({MailSettings.class, LoginSettings.class})
class LoginConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(LoginConfiguration.class);

    /** Steps of the flow wait for database and providers, one virtual thread each. */
    @Bean(destroyMethod = "dispose")
    Scheduler loginScheduler() {
        return Schedulers.fromExecutorService(
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("login-", 0).factory()),
                "login");
    }

    /** Where our own calls to providers and evaluators may go. */
    @Bean
    OutboundRules outboundRules(@Value("${sallyport.outbound.allow:}") List<String> allowed) {
        return OutboundRules.of(allowed);
    }

    @Bean
    MailQueue mailQueue(
            MailSettings settings,
            ObjectProvider<JavaMailSender> sender,
            MeterRegistry meters,
            @Value("${server.address:}") String address,
            @Value("${sallyport.auth-domain}") String authDomain) {
        String configured = settings.from();
        String from = configured == null || configured.isBlank() ? "no-reply@" + authDomain : configured;
        Path outbox = settings.outbox();
        JavaMailSender smtp = sender.getIfAvailable();
        if (outbox != null) {
            OutboxPinMailer.checkItStaysHere(address);
            LOG.warn("one-time PINs are written to {} and to this log, not mailed", outbox);
            return new MailQueue(new OutboxPinMailer(outbox, from), meters);
        }
        return new MailQueue(smtp == null ? null : new SmtpPinMailer(smtp, from), meters);
    }

    @Bean
    ProviderExaminer providerExaminer(OutboundRules outbound, JsonMapper json, Sealer sealer, MailQueue mails) {
        OutboundHttp http = new OutboundHttp(outbound);
        Seals seals = new Seals(sealer, json);
        return new ProviderDoctor(
                new OpenIdChecks(http, json), new DryLogin(http, json, seals), new SamlChecks(http, seals), mails);
    }

    @Bean
    RouterFunction<ServerResponse> loginRoutes(
            SnapshotHolder snapshots,
            InstantSource clock,
            Countries countries,
            ClientCertificates certificates,
            OutboundRules outbound,
            Pages pages,
            Answers answers,
            JsonMapper json,
            Sealer sealer,
            SessionLedger ledger,
            AppTokens tokens,
            AuditLog audit,
            DecisionLog decisions,
            MeterRegistry meters,
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            MailQueue mails,
            LoginSettings settings,
            PassLinks passLinks,
            BrowserMarks marks,
            WorkloadTokens workloads,
            Scheduler loginScheduler) {
        Replies replies = new Replies(pages, answers, json);
        Seals seals = new Seals(sealer, json);
        LoginEvents events = new LoginEvents(audit, decisions, meters);
        Sessions sessions = new Sessions(ledger);
        OneTimeUse once = new OneTimeUse(jdbc);
        ProviderSessions providerSessions = new ProviderSessions(jdbc);
        Completion completion = new Completion(ledger, tokens, seals, replies, events);
        OutboundHttp http = new OutboundHttp(outbound);
        OAuthClient oauth = new OAuthClient(http);
        Discovery discovery = new Discovery(http, json);
        KeySets keySets = new KeySets(http);
        RelayStates relayStates = new RelayStates(jdbc, seals);
        SamlLogin saml = new SamlLogin(relayStates, once, replies);
        Providers providers = new Providers(
                new OidcLogin(oauth, discovery, keySets, new DirectoryGroups(http, json)),
                new GitHubLogin(oauth, http, json),
                saml,
                new ProfileLogin(oauth, http, json),
                seals,
                replies);
        PinChallenges challenges = new PinChallenges(jdbc, new TransactionTemplate(transactions), seals);
        PinLogin pin = new PinLogin(challenges, mails, completion, seals, replies, events);
        HostTour tour = new HostTour(seals, sessions, replies);
        Callback callback = new Callback(seals, once, providers, completion, replies, events);
        return new LoginRoutes(
                        snapshots,
                        clock,
                        countries,
                        certificates,
                        replies,
                        new SourceLimits(settings.requestsPerMinute()),
                        loginScheduler)
                .routes(new LoginRoutes.Steps(
                        new Login(sessions, providers, pin, completion, marks, seals, replies),
                        pin,
                        callback,
                        new Authorized(seals, once, ledger, tokens, completion, tour, replies),
                        tour,
                        new Logout(sessions, ledger, replies, events),
                        new IdentityEndpoint(sessions, replies),
                        new BackchannelLogout(discovery, keySets, once, providerSessions, ledger, replies),
                        new SamlEndpoints(callback, saml, relayStates, completion, replies),
                        new KeyEndpoints(),
                        new CliLogin(
                                sessions, ledger, tokens, seals, new CliTransfers(jdbc), replies, completion, events),
                        new PassLink(passLinks, once, replies),
                        new TokenExchange(workloads, once, replies, events)));
    }

    /**
     * Our own pages need nothing of what Spring Security adds: they write their headers themselves ({@code web.SecurityHeaders}),
     * their forms carry tokens sealed for the CF_Session of one browser, and sessions are tokens.
     */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE + 10)
    SecurityWebFilterChain loginSecurity(ServerHttpSecurity http) {
        return http.securityMatcher(
                        exchange -> exchange.getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                                        && (context.face() == Face.TEAM
                                                || context.target().isReserved())
                                ? MatchResult.match()
                                : MatchResult.notMatch())
                .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
                .authorizeExchange(each -> each.anyExchange().permitAll())
                .headers(ServerHttpSecurity.HeaderSpec::disable)
                .csrf(ServerHttpSecurity.CsrfSpec::disable)
                .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
                .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
                .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
                .logout(ServerHttpSecurity.LogoutSpec::disable)
                .build();
    }
}
