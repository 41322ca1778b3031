package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.AppId;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Subject;
import io.sallyport.token.KeyWrapper;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;

/** What is made on all processors at once is what one after the other would have made, complaints included. */
class BeforehandTest {
    private static final int APPLICATIONS = 400;
    private static final int UNREADABLE = 7;
    private static final int LOST = 11;
    private static final UUID OUTER = new UUID(3, 1);
    private static final UUID INNER = new UUID(3, 2);
    private static final UUID NOWHERE = new UUID(3, 3);

    private static UUID app(int n) {
        return new UUID(1, n);
    }

    private static UUID policy(int n) {
        return new UUID(2, n);
    }

    /** Everybody from one network may enter, by way of two groups; one policy makes no sense, and one names a group that is gone. */
    private static String rules(int n) {
        return n == UNREADABLE
                ? "{\"include\": [{\"emial\": {}}]}"
                : "{\"include\": [{\"group\": {\"id\": \"" + (n == LOST ? NOWHERE : OUTER) + "\"}}]}";
    }

    private static Rows rows() {
        List<Integer> all = IntStream.range(0, APPLICATIONS).boxed().toList();
        return new Rows(
                1,
                "a".repeat(32),
                new Rows.Organization("Acme", "auth.example.com", "{}"),
                all.stream()
                        .map(n -> new Rows.App(
                                app(n), n, "%064x".formatted(n), "self_hosted", "App " + n, n + ".example.com", "{}"))
                        .toList(),
                all.stream()
                        .map(n -> new Rows.Destination(app(n), n + ".example.com"))
                        .toList(),
                all.stream()
                        .map(n -> new Rows.Policy(policy(n), "Policy " + n, "bypass", rules(n)))
                        .toList(),
                all.stream().map(n -> new Rows.Link(app(n), policy(n))).toList(),
                List.of(
                        new Rows.Group(OUTER, "Outer", "{\"include\": [{\"group\": {\"id\": \"" + INNER + "\"}}]}"),
                        new Rows.Group(INNER, "Inner", "{\"include\": [{\"ip\": {\"ip\": \"10.0.0.0/8\"}}]}")),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                "[]",
                List.of(),
                List.of(),
                new Revocations(0, Map.of(), Map.of(), Map.of(), Map.of(), Set.of()));
    }

    private static boolean isPermitted(SnapshotCompiler.Compiled compiled, int n, String address) {
        Application application = compiled.applicationsById().get(new AppId(app(n)));
        assertThat(application).isNotNull();
        return application
                        .policy()
                        .decide(new AccessRequest(
                                InetAddress.ofLiteral(address), null, null, null, new Subject.Anonymous()))
                instanceof Decision.Permit;
    }

    @RepeatedTest(5)
    void manyAreCompiledAsOneByOne() {
        SnapshotCompiler compiler =
                new SnapshotCompiler(new ProviderCompiler(new NoKeys()), new TunnelCompiler(new NoKeys()));

        SnapshotCompiler.Compiled compiled = compiler.compile(rows(), "https://auth.example.com");

        assertThat(compiled.problems())
                .extracting(ConfigProblem::id)
                .containsExactlyInAnyOrder(
                        policy(UNREADABLE).toString(), policy(LOST).toString());
        assertThat(compiled.closedApplications()).isEqualTo(2);
        for (int n = 0; n < APPLICATIONS; n++) {
            assertThat(isPermitted(compiled, n, "10.1.2.3"))
                    .as("application %d", n)
                    .isEqualTo(n != UNREADABLE && n != LOST);
            assertThat(isPermitted(compiled, n, "192.0.2.1")).isFalse();
        }
        assertThat(compiler.compile(rows(), "https://auth.example.com")
                        .applicationsById()
                        .values())
                .as("the next time they are all known")
                .filteredOn(application -> !compiled.applicationsById().containsValue(application))
                .hasSize(2);
    }

    /** These rows hold no secrets. */
    private static final class NoKeys implements KeyWrapper {
        @Override
        public byte[] wrap(String record, byte[] secret) {
            throw new AssertionError();
        }

        @Override
        public byte[] unwrap(String record, byte[] wrapped) {
            throw new AssertionError();
        }
    }
}
