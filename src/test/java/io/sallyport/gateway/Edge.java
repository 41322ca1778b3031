package io.sallyport.gateway;

import io.sallyport.audit.AppPassUse;
import io.sallyport.audit.ServiceTokenUse;
import io.sallyport.decision.Decided;
import io.sallyport.decision.DecisionLog;
import io.sallyport.http.HostName;
import io.sallyport.http.HostTable;
import io.sallyport.http.OutboundRules;
import io.sallyport.http.UrlPattern;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.identity.TunnelId;
import io.sallyport.identity.UserId;
import io.sallyport.mtls.Demands;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Truth;
import io.sallyport.session.AppTokens;
import io.sallyport.session.BrowserMarks;
import io.sallyport.session.ProviderSession;
import io.sallyport.session.ServiceAssertions;
import io.sallyport.session.SessionLedger;
import io.sallyport.session.SessionReader;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Revocations;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.snapshot.Settings;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.TunnelGrant;
import io.sallyport.snapshot.Upstream;
import io.sallyport.snapshot.WorkloadIssuers;
import io.sallyport.testkit.OwnLoops;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestApplication;
import io.sallyport.token.KeyRing;
import io.sallyport.token.ManagementKey;
import io.sallyport.token.MasterKey;
import io.sallyport.token.Sealer;
import io.sallyport.token.SigningKey;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Primary;

/**
 * The edge on real sockets over a hand-built world: no database, no logins. Sessions are whatever a test says a cookie means;
 * everything else is the product's own.
 */
final class Edge implements AutoCloseable {
    static final String CLIENT_ID = "0123456789abcdef0123456789abcdef.access";
    static final String SECRET = "cfast_0123456789abcdef0123456789abcdef0123456789abcdef";
    static final IdpId PIN = new IdpId(UUID.fromString("00000000-0000-0000-0000-000000000001"));

    private static final SigningKey KEY = SigningKey.generate(Instant.parse("2026-01-01T00:00:00Z"));
    private static final KeyRing KEYS = KeyRing.of(List.of(new KeyRing.Entry(KEY, Instant.EPOCH, Instant.EPOCH, null)));
    private static final AtomicLong VERSIONS = new AtomicLong();

    private final ConfigurableApplicationContext context;
    final Ledger ledger;
    final Noted noted;
    private final SnapshotHolder holder;
    Revocations revocations = new Revocations(0, Map.of(), Map.of(), Map.of(), Map.of(), Set.of());
    private final Map<String, Application> applications = new LinkedHashMap<>();
    private final Map<String, Upstream> origins = new LinkedHashMap<>();
    final Map<TunnelId, TunnelGrant> tunnels = new LinkedHashMap<>();
    private boolean revoked;
    Demands demands = Demands.NONE;
    /** Whether applications described from now on are strict about the age of the configuration. */
    boolean strict;
    /** Whether a program has to show its service token at every request. */
    boolean strictServiceTokens = true;

    private Edge(ConfigurableApplicationContext context) {
        this.context = context;
        this.ledger = context.getBean(Ledger.class);
        this.noted = context.getBean(Noted.class);
        this.holder = context.getBean(SnapshotHolder.class);
    }

    static Edge start(String... settings) {
        return start(new Class<?>[0], settings);
    }

    static Edge start(Class<?>[] more, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "--sallyport.http.port=0",
                "--sallyport.management.port=0",
                "--server.address=127.0.0.1",
                "--server.shutdown=immediate",
                "--management.endpoint.health.validate-group-membership=false",
                "--management.otlp.metrics.export.enabled=false",
                "--management.tracing.export.otlp.enabled=false",
                "--management.logging.export.otlp.enabled=false",
                "--spring.autoconfigure.exclude=" + String.join(",", WITHOUT)));
        if (List.of(settings).stream().noneMatch(setting -> setting.startsWith("sallyport.tunnel."))) {
            all.add("--sallyport.tunnel.enabled=false");
        }
        for (String setting : settings) {
            all.add("--" + setting);
        }
        List<Class<?>> sources = new ArrayList<>(List.of(World.class, OwnLoops.class));
        sources.addAll(List.of(more));
        return new Edge(new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
                .web(WebApplicationType.REACTIVE)
                .run(all.toArray(String[]::new)));
    }

    private static final List<String> WITHOUT = List.of(
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
            "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
            "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
            "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration");

    int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    int httpsPort() {
        return context.getBean(HttpsListener.class).port();
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    SnapshotHolder holder() {
        return holder;
    }

    /** A host with an origin. */
    Edge origin(String pattern, RecordingOrigin origin) {
        return origin(pattern, direct(origin.uri()));
    }

    Edge origin(String pattern, Upstream upstream) {
        origins.put(pattern, upstream);
        return this;
    }

    static Upstream.Direct direct(URI service) {
        return new Upstream.Direct(service, null, Duration.ofSeconds(2), false, null, null, false);
    }

    /** Every service token is gone, and everybody's sessions are revoked. */
    Edge revokeEverybody() {
        revoked = true;
        return this;
    }

    Edge revokeNobody() {
        revoked = false;
        return this;
    }

    /** An application on a host and path. */
    Edge application(String pattern, CompiledPolicy policy) {
        return application(pattern, policy, application -> application);
    }

    Edge application(String pattern, CompiledPolicy policy, UnaryOperator<Application> change) {
        Application previous = applications.get(pattern);
        Application made = TestApplication.named(
                        previous == null ? new AppId(UUID.randomUUID()) : previous.id(),
                        previous == null ? audience() : previous.audience(),
                        "Test " + pattern,
                        pattern)
                .patterns(List.of(UrlPattern.parse(pattern)))
                .policy(policy)
                .strict(strict)
                .build();
        applications.put(pattern, change.apply(made));
        return this;
    }

    /** Nobody could compare the picture with the database for so long. */
    void silentFor(Duration silence) {
        context.getBean(AtomicLong.class).set(silence.toNanos());
    }

    /** Makes the world so. */
    Edge publish() {
        List<HostTable.Entry<Application>> byPattern = new ArrayList<>();
        Map<AppId, Application> byId = new ConcurrentHashMap<>();
        Map<Audience, Application> byAudience = new ConcurrentHashMap<>();
        long age = 0;
        for (Application each : applications.values()) {
            for (UrlPattern pattern : each.patterns()) {
                byPattern.add(new HostTable.Entry<>(pattern, age++, each));
            }
            byId.put(each.id(), each);
            byAudience.put(each.audience(), each);
        }
        List<HostTable.Entry<Upstream>> behind = new ArrayList<>();
        for (Map.Entry<String, Upstream> each : origins.entrySet()) {
            behind.add(new HostTable.Entry<>(UrlPattern.parse(each.getKey()), age++, each.getValue()));
        }
        Instant now = InstantSource.system().instant();
        holder.swap(new Snapshot(
                VERSIONS.incrementAndGet(),
                now,
                new Settings(
                        "0".repeat(32),
                        "Example",
                        HostName.parse("auth.localhost").orElseThrow(),
                        issuer(),
                        null,
                        false,
                        true,
                        strictServiceTokens,
                        new Settings.LoginDesign(null, null, null, null, null)),
                HostTable.of(byPattern),
                byId,
                byAudience,
                HostTable.of(behind),
                Map.of(),
                KEYS,
                tunnels,
                revoked ? new ServiceTokens(Map.of()) : robots(),
                new AppPasses(Map.of()),
                new WorkloadIssuers(Map.of()),
                demands,
                revoked ? everybodys(byId.keySet(), now) : revocations));
        return this;
    }

    private static Revocations everybodys(Set<AppId> applications, Instant now) {
        Map<AppId, Instant> epochs =
                applications.stream().collect(Collectors.toMap(Function.identity(), _ -> now.plusSeconds(1)));
        return new Revocations(1, Map.of(), Map.of(), epochs, Map.of(), Set.of());
    }

    private static ServiceTokens robots() {
        ServiceIdentity robot = new ServiceIdentity(new ServiceTokenId(UUID.randomUUID()), CLIENT_ID, "robot");
        return new ServiceTokens(Map.of(
                CLIENT_ID,
                new ServiceTokens.Entry(robot, sha256(SECRET), new byte[0], Instant.EPOCH, Instant.MAX, true)));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static CompiledPolicy bypass() {
        return policy(PolicyAction.BYPASS, new Selector.Everyone());
    }

    static CompiledPolicy staff() {
        return policy(PolicyAction.ALLOW, new Selector.EmailDomain("example.com"));
    }

    static CompiledPolicy programs() {
        return policy(PolicyAction.NON_IDENTITY, new Selector.AnyValidServiceToken());
    }

    static CompiledPolicy policy(PolicyAction action, Selector include, Selector... require) {
        return PolicyCompiler.compile(
                List.of(new PolicySpec(
                        new PolicyId(UUID.randomUUID()),
                        "test policy",
                        action,
                        List.of(include),
                        List.of(),
                        List.of(require),
                        null)),
                new PolicyCompiler.References(Map.of(), Map.of(), Map.of()));
    }

    private static Audience audience() {
        String hex = UUID.randomUUID().toString().replace("-", "");
        return new Audience(hex + hex);
    }

    @Override
    public void close() {
        context.close();
    }

    /** The token of somebody who signed in to the application on that pattern, with the facts its policies look at today. */
    String signIn(String pattern, String email) {
        return signIn(pattern, email, Duration.ofHours(1));
    }

    /** One that was issued over a client certificate of that thumbprint. */
    String signIn(String pattern, String email, String thumbprint) {
        return signIn(pattern, email, Duration.ofHours(1), thumbprint);
    }

    String signIn(String pattern, String email, Duration life) {
        return signIn(pattern, email, life, null);
    }

    private String signIn(String pattern, String email, Duration life, @Nullable String thumbprint) {
        Application application = Objects.requireNonNull(applications.get(pattern));
        Identity identity = identity(email);
        ledger.identities.put(identity.nonce(), identity);
        Instant now = InstantSource.system().instant();
        TokenClaims.App claims = new TokenClaims.App(
                application.audience(),
                identity.user(),
                identity.email(),
                identity.nonce(),
                null,
                Map.of(),
                application.policy().facts().capture(identity, Map.of()).encode(),
                null,
                thumbprint,
                now,
                Instant.ofEpochSecond(now.plus(life).getEpochSecond()));
        return TokenIssuer.sign(KEYS, issuer(), claims);
    }

    private String issuer() {
        return "http://auth.localhost:" + port();
    }

    private static Identity identity(String email) {
        return new Identity(
                new UserId(UUID.randomUUID()),
                new Email(email),
                null,
                new IdpRef(PIN, "onetimepin"),
                List.of(),
                List.of("otp"),
                Map.of(),
                null,
                null,
                InstantSource.system().instant(),
                new IdentityNonce(UUID.randomUUID().toString()));
    }

    /** What the edge told the decision log. */
    static final class Noted implements DecisionLog {
        final Queue<Decided> all = new ConcurrentLinkedQueue<>();

        @Override
        public String offer(Decided decided) {
            all.add(decided);
            return decided.ray();
        }
    }

    /** Stored identities in memory. */
    static final class Ledger implements SessionLedger {
        @Override
        public boolean isDisabled(Email email) {
            return false;
        }

        final Map<IdentityNonce, Identity> identities = new ConcurrentHashMap<>();

        @Override
        public Optional<UserId> person(Email email, @Nullable String name, Instant now) {
            return Optional.empty();
        }

        @Override
        public boolean begin(
                Identity identity, Instant expiresAt, @Nullable String device, @Nullable ProviderSession there) {
            identities.put(identity.nonce(), identity);
            return true;
        }

        @Override
        public Optional<Identity> find(IdentityNonce nonce, Instant now) {
            return Optional.ofNullable(identities.get(nonce));
        }

        @Override
        public void touch(IdentityNonce nonce, AppId application, Instant expiresAt) {}

        @Override
        public boolean redeem(
                String code, Instant codeEnds, IdentityNonce nonce, AppId application, Instant expiresAt) {
            return false;
        }

        @Override
        public void revokeSession(IdentityNonce nonce) {
            identities.remove(nonce);
        }

        @Override
        public void revokeUser(UserId user) {}

        @Override
        public void refreshUser(UserId user) {}

        @Override
        public void revokeService(String clientId) {}

        @Override
        public void revokeProvider(IdpId provider) {}

        @Override
        public void revokeApplication(AppId application) {}
    }

    /** The product's edge and pages; the rest of the world as beans a test can reach. */
    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @ComponentScan(
            basePackages = {"io.sallyport.gateway", "io.sallyport.web", "io.sallyport.tunnel"},
            resourcePattern = "*Configuration.class",
            useDefaultFilters = false,
            includeFilters =
                    @ComponentScan.Filter(
                            type = FilterType.REGEX,
                            pattern = ".*\\.(Gateway|ClientCertificate|Web|Tunnel)Configuration"))
    static class World {
        @Bean
        InstantSource clock() {
            return InstantSource.system();
        }

        @Bean
        AtomicLong silence() {
            return new AtomicLong();
        }

        @Bean
        SnapshotHolder snapshotHolder(AtomicLong silence) {
            return new SnapshotHolder(Duration.ofMinutes(15), () -> System.nanoTime() + silence.get());
        }

        @Bean
        SessionReader sessionReader() {
            return new SessionReader();
        }

        @Bean
        WorkloadTokens workloadTokens() {
            return new WorkloadTokens(outboundRules());
        }

        @Bean
        OutboundRules outboundRules() {
            return OutboundRules.of(List.of("127.0.0.0/8"));
        }

        @Bean
        BrowserMarks browserMarks() {
            return new BrowserMarks(new Sealer(MasterKey.parse("A".repeat(43) + "=")));
        }

        @Bean
        Ledger ledger() {
            return new Ledger();
        }

        @Bean
        AppTokens appTokens() {
            return new AppTokens((evaluator, question) -> Truth.UNDECIDED);
        }

        @Bean
        ServiceTokenUse serviceTokenUse() {
            return (token, now) -> {};
        }

        @Bean
        AppPassUse appPassUse() {
            return (pass, now) -> {};
        }

        @Bean
        Noted decisionLog() {
            return new Noted();
        }

        /** In place of the one in the database that there is none of here. */
        @Bean
        @Primary
        ManagementKey ownManagementKey() {
            return ManagementKey.generate();
        }

        @Bean
        ServiceAssertions serviceAssertions() {
            return new ServiceAssertions();
        }
    }
}
