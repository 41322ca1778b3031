package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.ApplicationRow;
import io.sallyport.catalog.Destinations;
import io.sallyport.catalog.GroupRepository;
import io.sallyport.catalog.GroupRow;
import io.sallyport.catalog.IdentityProviderRepository;
import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.catalog.OriginRepository;
import io.sallyport.catalog.OriginRow;
import io.sallyport.catalog.PolicyLinks;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.PolicyRow;
import io.sallyport.catalog.StateFailure;
import io.sallyport.catalog.TunnelRepository;
import io.sallyport.catalog.TunnelRow;
import io.sallyport.http.HostName;
import io.sallyport.identity.AppId;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.TunnelId;
import io.sallyport.identity.UserId;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Reason;
import io.sallyport.policy.Subject;
import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.token.KeyWrapper;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two replicas on one database: what writers write, readers see whole, soon, and never backwards. */
class SnapshotConsistencyIT {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String SECRET = "fixture-client-secret-7c1d";

    private static TestPostgres postgres;
    private static Replica writer;
    private static Replica reader;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
        writer = Replica.start(postgres.settings());
        reader = Replica.start(postgres.settings());
    }

    @AfterAll
    static void stop() {
        reader.close();
        writer.close();
        postgres.close();
    }

    @Test
    void theFirstStartMakesOneDeploymentForAllReplicas() {
        assertThat(reader.snapshot().settings()).satisfies(settings -> {
            assertThat(settings.issuer()).isEqualTo("http://auth.example.com:8080");
            assertThat(settings.accountId()).matches("[0-9a-f]{32}");
            assertThat(settings.denyUnmatchedRequests()).isTrue();
            assertThat(settings.strictServiceTokens()).isTrue();
        });
        assertThat(reader.snapshot().settings().accountId())
                .isEqualTo(writer.snapshot().settings().accountId());
        assertThat(reader.snapshot().keys().signing(Instant.MAX.minusSeconds(1)).kid())
                .isEqualTo(writer.snapshot()
                        .keys()
                        .signing(Instant.MAX.minusSeconds(1))
                        .kid());
        assertThat(reader.snapshot().keys().entries())
                .as("the next key is published from the first day")
                .hasSize(2);
    }

    @Test
    void noReaderSeesHalfOfAChangeAndNoneGoesBack() throws Exception {
        UUID first = newApplication("one.example.com");
        UUID second = newApplication("two.example.com");
        AtomicBoolean writing = new AtomicBoolean(true);
        AtomicReference<String> violation = new AtomicReference<>();
        List<Thread> readers = new ArrayList<>();
        for (Replica replica : List.of(writer, reader)) {
            readers.add(Thread.ofPlatform().start(() -> {
                long highest = 0;
                while (writing.get()) {
                    Snapshot now = replica.snapshot();
                    String one = name(now, first);
                    String two = name(now, second);
                    if (!one.equals(two)) {
                        violation.set(one + " beside " + two + " in version " + now.version());
                    }
                    if (now.version() < highest) {
                        violation.set("back from " + highest + " to " + now.version());
                    }
                    highest = now.version();
                }
            }));
        }
        long last = 0;
        for (int round = 0; round < 100; round++) {
            String name = "round " + round;
            Replica by = round % 2 == 0 ? writer : reader;
            last = by.write(() -> {
                rename(by, first, name);
                by.bean(ApplicationRepository.class).flush();
                rename(by, second, name);
            });
        }
        long expected = last;
        Replica.await(
                "the last write",
                SOON,
                () -> reader.snapshot().version() >= expected
                        && writer.snapshot().version() >= expected);
        writing.set(false);
        for (Thread each : readers) {
            each.join();
        }
        assertThat(violation.get()).isNull();
        assertThat(name(reader.snapshot(), first)).isEqualTo("round 99");
    }

    @Test
    void aWriteIsInForceOnTheOtherReplicaWithinASecond() {
        UUID app = newApplication("fast.example.com");
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        long[] nanos = new long[100];
        for (int i = 0; i < nanos.length; i++) {
            String name = "write " + i;
            writer.write(() -> rename(writer, app, name));
            nanos[i] =
                    Replica.await(name, SOON, () -> name(reader.snapshot(), app).equals(name));
        }
        Arrays.sort(nanos);
        System.out.printf(
                "propagation from commit to swap on the other replica: p50 %.1f ms, p99 %.1f ms, max %.1f ms%n",
                nanos[50] / 1e6, nanos[98] / 1e6, nanos[99] / 1e6);
        assertThat(Duration.ofNanos(nanos[98])).isLessThan(watch.allowing(Duration.ofSeconds(1)));
    }

    @Test
    void r16LostNoticesCostOnePoll() {
        UUID app = newApplication("lost.example.com");
        long slowest = 0;
        int kills = 0;
        for (int i = 0; i < 10; i++) {
            String name = "lost " + i;
            int killed = postgres.jdbc().sql("""
                            select count(pg_terminate_backend(pid)) from pg_stat_activity
                            where application_name = 'sallyport-listener' and datname = current_database()""").query(Integer.class).single();
            writer.write(() -> rename(writer, app, name));
            slowest = Math.max(
                    slowest,
                    Replica.await(name, SOON, () -> name(reader.snapshot(), app).equals(name)));
            kills += killed;
        }
        System.out.printf("slowest change with the listener killed each time: %.1f ms%n", slowest / 1e6);
        assertThat(kills).as("listeners that were there to be killed").isPositive();
        assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(5));
        Replica.await(
                "listening again", SOON, () -> reader.bean(ConfigListener.class).connected());
    }

    @Test
    void cs08RevocationsArriveWithoutANewVersion() {
        UserId user = new UserId(UUID.randomUUID());
        IdentityNonce session = new IdentityNonce("nonce-to-revoke");
        long version = reader.snapshot().version();
        revoke("user", user.toString());
        revoke("session", session.value());
        long took = Replica.await(
                "revocation",
                SOON,
                () -> reader.snapshot().revocations().users().containsKey(user)
                        && reader.snapshot().revocations().sessions().contains(session));
        assertThat(reader.snapshot().version()).isEqualTo(version);
        assertThat(reader.snapshot().revocations().revoked(user, new IdentityNonce("other"), NOW))
                .isTrue();
        assertThat(Duration.ofNanos(took)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void whatCannotBeCompiledClosesItsOwnApplicationInItsPlace() {
        UUID broken = newApplication("broken.example.com/admin");
        UUID outer = newApplication("broken.example.com");
        UUID group = UUID.randomUUID();
        attach(broken, "allow", "{\"include\": [{\"group\": {\"id\": \"" + group + "\"}}]}");
        long attached = attach(outer, "bypass", "{\"include\": [{\"everyone\": {}}]}");
        Replica.await("both", SOON, () -> reader.snapshot().version() >= attached);
        assertThat(reader.bean(SnapshotRefresher.class).problems())
                .anyMatch(problem ->
                        problem.kind().equals("policy") && problem.toString().contains("group"));
        Snapshot now = reader.snapshot();
        assertThat(decide(find(now, "broken.example.com", "/admin/x")))
                .isInstanceOfSatisfying(
                        Decision.Denied.class,
                        denied -> assertThat(denied.reason().code()).isEqualTo(Reason.Code.NO_POLICIES));
        assertThat(decide(find(now, "broken.example.com", "/other"))).isInstanceOf(Decision.Permit.class);
        writer.write(() -> writer.bean(GroupRepository.class)
                .save(new GroupRow(group, "staff", json("{\"include\": [{\"everyone\": {}}]}"), NOW)));
        Replica.await(
                "repaired",
                SOON,
                () -> !(decide(find(reader.snapshot(), "broken.example.com", "/admin/x")) instanceof Decision.Denied));
    }

    @Test
    void theProposedWorldIsRefusedBeforeItIsCommitted() {
        long before = reader.snapshot().version();
        TransactionTemplate transaction = writer.bean(TransactionTemplate.class);
        List<ConfigProblem> problems = transaction.execute(tx -> {
            tx.setRollbackOnly();
            UUID policy = UUID.randomUUID();
            writer.bean(PolicyRepository.class)
                    .save(new PolicyRow(
                            policy, null, "odd", "allow", json("{\"include\": [{\"email\": {\"email\": 1}}]}"), NOW));
            return writer.bean(SnapshotCompiler.class)
                    .attempt(writer.bean(SnapshotLoader.class).proposed())
                    .problems();
        });
        assertThat(problems).anySatisfy(problem -> {
            assertThat(problem.kind()).isEqualTo("policy");
            assertThat(problem.pointer()).startsWith("/include/0/email");
        });
        assertThat(postgres.jdbc()
                        .sql("select count(*) from policies where name = 'odd'")
                        .query(Integer.class)
                        .single())
                .isZero();
        assertThat(reader.snapshot().version()).isGreaterThanOrEqualTo(before);
    }

    @Test
    void originsAreFoundByHostAndPath() {
        writer.write(() -> writer.bean(OriginRepository.class)
                .save(new OriginRow(
                        UUID.randomUUID(),
                        "origin.example.com",
                        "/docs",
                        "http://10.0.0.5:3000",
                        json("{\"connectTimeout\": \"5s\", \"httpHostHeader\": \"docs.internal\"}"),
                        NOW)));
        HostName host = new HostName("origin.example.com");
        Replica.await(
                "the origin",
                SOON,
                () -> reader.snapshot().origins().find(host, "/docs/a").isPresent());
        assertThat(reader.snapshot().origins().find(host, "/docs/a").orElseThrow())
                .isEqualTo(new Upstream.Direct(
                        URI.create("http://10.0.0.5:3000"),
                        "docs.internal",
                        Duration.ofSeconds(5),
                        false,
                        null,
                        null,
                        false));
        assertThat(reader.snapshot().origins().find(host, "/")).isEmpty();
    }

    @Test
    void tunnelsAreGrantedWithTheirSecretsAndFoundByTheirHostnames() {
        UUID tunnel = UUID.randomUUID();
        byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
        byte[] sealed = writer.bean(KeyWrapper.class).wrap(TunnelRow.secretRecord(tunnel), secret);
        writer.write(() -> {
            writer.bean(TunnelRepository.class)
                    .saveAndFlush(new TunnelRow(tunnel, "branch", "cloudflare", sealed, NOW));
            JdbcClient jdbc = writer.bean(JdbcClient.class);
            jdbc.sql("insert into tunnel_configurations values (?, 1, 'cloudflare', '{\"z\": 1, \"a\": 2}', now())")
                    .param(tunnel)
                    .update();
            jdbc.sql("insert into tunnel_hostnames values ('branch.example.com', ?, 'configuration')")
                    .param(tunnel)
                    .update();
        });
        TunnelId id = new TunnelId(tunnel);
        Replica.await("the tunnel", SOON, () -> reader.snapshot().tunnels().containsKey(id));
        TunnelGrant grant = Objects.requireNonNull(reader.snapshot().tunnels().get(id));
        assertThat(grant)
                .isEqualTo(new TunnelGrant(id, "branch", new TunnelSecret(secret), true, 1, "{\"z\": 1, \"a\": 2}"));
        assertThat(grant.secret().matches("guess".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(grant.toString()).doesNotContain(SECRET);
        assertThat(reader.snapshot().origins().find(new HostName("branch.example.com"), "/any"))
                .contains(new Upstream.ViaTunnel(id, "branch.example.com"));
    }

    @Test
    void fc08ATunnelWhoseSecretDoesNotOpenIsGrantedNothing() {
        UUID tunnel = UUID.randomUUID();
        byte[] sealed = writer.bean(KeyWrapper.class)
                .wrap(TunnelRow.secretRecord(UUID.randomUUID()), SECRET.getBytes(StandardCharsets.UTF_8));
        long version = writer.write(
                () -> writer.bean(TunnelRepository.class).save(new TunnelRow(tunnel, "swapped", "local", sealed, NOW)));
        Replica.await("the write", SOON, () -> reader.snapshot().version() >= version);
        assertThat(reader.snapshot().tunnels()).doesNotContainKey(new TunnelId(tunnel));
    }

    @Test
    void fc08ASecretThatDoesNotOpenDisablesItsProviderOnly() {
        UUID good = UUID.randomUUID();
        UUID bad = UUID.randomUUID();
        byte[] sealed = writer.bean(KeyWrapper.class)
                .wrap(
                        IdentityProviderRow.secretRecord(good),
                        ("{\"client_secret\": \"" + SECRET + "\"}").getBytes(StandardCharsets.UTF_8));
        JsonNode body = json("{\"config\": {\"client_id\": \"us\", \"okta_account\": \"https://acme.okta.com/\"}}");
        writer.write(() -> {
            writer.bean(IdentityProviderRepository.class)
                    .save(new IdentityProviderRow(good, "Okta", "okta", body, sealed, NOW));
            // The same ciphertext under another record: a swap must not open (SE-01).
            writer.bean(IdentityProviderRepository.class)
                    .save(new IdentityProviderRow(bad, "Swapped", "okta", body, sealed, NOW));
        });
        Replica.await(
                "both providers",
                SOON,
                () -> reader.snapshot().identityProviders().containsKey(new IdpId(bad)));
        Map<IdpId, IdentityProvider> idps = reader.snapshot().identityProviders();
        assertThat(idps.get(new IdpId(good))).isInstanceOfSatisfying(IdentityProvider.OpenIdConnect.class, okta -> {
            assertThat(okta.issuer()).isEqualTo("https://acme.okta.com");
            assertThat(okta.tokenUrl()).hasToString("https://acme.okta.com/oauth2/v1/token");
            assertThat(okta.clientSecret().value()).isEqualTo(SECRET);
            assertThat(okta.toString()).doesNotContain(SECRET);
        });
        assertThat(idps.get(new IdpId(bad))).isInstanceOf(IdentityProvider.Unavailable.class);
        se02NoSecretLiesInTheDatabaseInClear();
    }

    /** Every row of every table as text, which is what a dump holds. */
    private static void se02NoSecretLiesInTheDatabaseInClear() {
        StringBuilder dump = new StringBuilder();
        List<String> tables = postgres.jdbc()
                .sql("select table_name from information_schema.tables where table_schema = 'public'")
                .query((row, number) -> row.getString(1))
                .list();
        tables.forEach(table -> postgres.jdbc()
                .sql("select t::text from " + table + " t")
                .query((row, number) -> row.getString(1))
                .list()
                .forEach(row -> dump.append(row).append('\n')));
        byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
        assertThat(tables).contains("identity_providers", "signing_keys");
        assertThat(dump.toString())
                .doesNotContain(SECRET)
                .doesNotContain(HexFormat.of().formatHex(secret))
                .doesNotContain(Base64.getEncoder().withoutPadding().encodeToString(secret))
                .doesNotContain("PRIVATE KEY")
                // The beginning of every PKCS#8 RSA key: the algorithm's object identifier.
                .doesNotContain("300d06092a864886f70d010101050004");
    }

    @Test
    void aWrongMasterKeyEndsTheStartWithOneSentence() {
        String other =
                Base64.getEncoder().encodeToString("another key of thirty-two bytes!".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Replica.start(postgres.settings(), "--test.master-key=" + other))
                .hasStackTraceContaining(StateFailure.class.getName())
                .hasStackTraceContaining("the master key does not fit the stored secrets");
    }

    @Test
    void theNextKeyIsPublishedBeforeItSigns() {
        List<String> before = kids();
        writer.write(() -> writer.bean(SigningKeys.class).rotate());
        writer.write(() -> writer.bean(SigningKeys.class).setInterval(30));
        assertThat(writer.bean(SigningKeys.class).status().keyRotationIntervalDays())
                .isEqualTo(30);
        assertThat(kids()).as("nothing signs that was not published").containsAll(before);
        writer.write(() -> writer.bean(SigningKeys.class).rotateAtOnce());
        Replica.await("the new ring", SOON, () -> Collections.disjoint(kids(), before));
    }

    private static List<String> kids() {
        return reader.snapshot().keys().entries().stream()
                .map(entry -> entry.key().kid())
                .toList();
    }

    private static void revoke(String kind, String subject) {
        postgres.jdbc()
                .sql(
                        "insert into revocations (kind, subject, not_before, expires_at) values (?, ?, now(), now() + interval '1 day')")
                .params(kind, subject)
                .update();
    }

    private static Application find(Snapshot snapshot, String host, String path) {
        return snapshot.applications().find(new HostName(host), path).orElseThrow();
    }

    private static Decision decide(Application application) {
        return application
                .policy()
                .decide(new AccessRequest(InetAddress.getLoopbackAddress(), null, null, null, new Subject.Anonymous()));
    }

    private static String name(Snapshot snapshot, UUID app) {
        Application found = snapshot.applicationsById().get(new AppId(app));
        return found == null ? "absent" : found.name();
    }

    private static void rename(Replica replica, UUID app, String name) {
        ApplicationRow row =
                replica.bean(ApplicationRepository.class).findById(app).orElseThrow();
        row.change(name, row.domain(), row.body(), NOW);
        replica.bean(ApplicationRepository.class).save(row);
    }

    private static UUID newApplication(String domain) {
        UUID id = UUID.randomUUID();
        long version = writer.write(() -> {
            ApplicationRow row =
                    new ApplicationRow(id, id.toString().replace("-", "").repeat(2), "self_hosted", NOW);
            row.change("new", domain, json("{}"), NOW);
            writer.bean(ApplicationRepository.class).save(row);
            writer.bean(Destinations.class).claim(id, List.of(domain));
        });
        Replica.await(
                domain,
                SOON,
                () -> reader.snapshot().version() >= version
                        && writer.snapshot().version() >= version);
        return id;
    }

    private static long attach(UUID app, String decision, String body) {
        return writer.write(() -> {
            UUID policy = UUID.randomUUID();
            writer.bean(PolicyRepository.class).save(new PolicyRow(policy, app, decision, decision, json(body), NOW));
            writer.bean(PolicyLinks.class).replace(app, List.of(new PolicyLinks.Link(app, policy, 1)));
        });
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
