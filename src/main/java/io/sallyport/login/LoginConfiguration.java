package io.sallyport.login;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.doctor.ProviderExaminer;
import io.sallyport.http.Countries;
import io.sallyport.http.OutboundRules;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.session.SourceLimits;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.web.Vigil;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher.MatchResult;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.json.JsonMapper;

/** Wires the login flow. The imported classes are wired by their constructors. */
@Configuration(proxyBeanMethods = false)
@Import({
    Seals.class,
    Replies.class,
    LoginEvents.class,
    FailedSignIn.class,
    Sessions.class,
    OneTimeUse.class,
    ProviderSessions.class,
    OutboundHttp.class,
    OAuthClient.class,
    Discovery.class,
    KeySets.class,
    UserInfo.class,
    DirectoryGroups.class,
    RelayStates.class,
    StaleMetadata.class,
    PinChallenges.class,
    CliTransfers.class,
    OidcLogin.class,
    GitHubLogin.class,
    SamlLogin.class,
    ProfileLogin.class,
    Providers.class,
    Completion.class,
    Login.class,
    PinLogin.class,
    Callback.class,
    Authorized.class,
    HostTour.class,
    Logout.class,
    IdentityEndpoint.class,
    BackchannelLogout.class,
    SamlEndpoints.class,
    KeyEndpoints.class,
    CliLogin.class,
    PassLink.class,
    TokenExchange.class,
    LoginRoutes.SigningIn.class,
    LoginRoutes.SignedIn.class,
    LoginRoutes.Programs.class
})
@EnableConfigurationProperties({MailSettings.class, LoginSettings.class, OutboundSettings.class})
class LoginConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(LoginConfiguration.class);

    /** Runs the blocking steps of the flow, each on a virtual thread. */
    @Bean(destroyMethod = "dispose")
    Scheduler loginScheduler() {
        return Schedulers.fromExecutorService(
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("login-", 0).factory()),
                "login");
    }

    /** The addresses that our own calls to providers and evaluators may reach. */
    @Bean
    OutboundRules outboundRules(OutboundSettings settings) {
        return settings.rules();
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
    ProviderExaminer providerExaminer(OutboundHttp http, JsonMapper json, Seals seals, MailQueue mails) {
        return new ProviderDoctor(
                new OpenIdChecks(http, json), new DryLogin(http, json, seals), new SamlChecks(http, seals), mails);
    }

    @Bean
    Visits visits(
            SnapshotHolder snapshots,
            InstantSource clock,
            Countries countries,
            ClientCertificates certificates,
            Replies replies,
            LoginSettings settings,
            Vigil vigil,
            Scheduler loginScheduler) {
        SourceLimits limits = new SourceLimits(settings.requestsPerMinute());
        return new Visits(snapshots, clock, countries, certificates, replies, limits, vigil, loginScheduler);
    }

    @Bean
    RouterFunction<ServerResponse> loginRoutes(
            Visits visits,
            Replies replies,
            LoginRoutes.SigningIn in,
            LoginRoutes.SignedIn signedIn,
            LoginRoutes.Programs programs) {
        return new LoginRoutes(visits, replies).routes(in, signedIn, programs);
    }

    /**
     * Disables what Spring Security adds, because our pages bring their own: headers ({@code web.SecurityHeaders}),
     * forms with tokens sealed for the CF_Session of one browser, and sessions as signed tokens.
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
