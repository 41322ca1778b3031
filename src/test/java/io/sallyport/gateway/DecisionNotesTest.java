package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.decision.Decided;
import io.sallyport.http.HostName;
import io.sallyport.http.HostTable;
import io.sallyport.identity.PolicyId;
import io.sallyport.mtls.Demands;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Revocations;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.snapshot.Settings;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.WorkloadIssuers;
import io.sallyport.testkit.TestApplication;
import io.sallyport.testkit.TestKeys;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Policies that only report are counted for as long as they are there. */
class DecisionNotesTest {
    private static final PolicyId WATCHED = new PolicyId(new UUID(0, 1));
    private static final PolicyId OTHER = new PolicyId(new UUID(0, 2));
    private static final AccessRequest ASKED =
            new AccessRequest(InetAddress.ofLiteral("192.0.2.1"), null, null, null, new Subject.Anonymous());

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DecisionNotes notes = new DecisionNotes(Decided::ray, meters);

    private static PolicySpec denies(PolicyId id, String name, boolean reportOnly) {
        return new PolicySpec(
                id, name, PolicyAction.DENY, List.of(new Selector.Everyone()), List.of(), List.of(), null, reportOnly);
    }

    private static CompiledPolicy compiled(PolicySpec... policies) {
        return PolicyCompiler.compile(List.of(policies), new PolicyCompiler.References(Map.of(), Map.of(), Map.of()));
    }

    private static Snapshot snapshot(CompiledPolicy policy) {
        Application application = TestApplication.wiki().policy(policy).build();
        return new Snapshot(
                1,
                TestKeys.START,
                new Settings(
                        "a".repeat(32),
                        "Example",
                        HostName.parse("team.example.com").orElseThrow(),
                        "https://team.example.com",
                        null,
                        false,
                        true,
                        true,
                        new Settings.LoginDesign(null, null, null, null, null)),
                HostTable.of(List.of()),
                Map.of(application.id(), application),
                Map.of(),
                HostTable.of(List.of()),
                Map.of(),
                TestKeys.ring(),
                Map.of(),
                new ServiceTokens(Map.of()),
                new AppPasses(Map.of()),
                new WorkloadIssuers(Map.of()),
                Demands.NONE,
                new Revocations(0, Map.of(), Map.of(), Map.of(), Map.of(), Set.of()));
    }

    private List<String> counted() {
        return meters.find("sallyport.report.only").counters().stream()
                .map(counter -> counter.getId().getTag("name") + " " + (long) counter.count())
                .sorted()
                .toList();
    }

    @Test
    void aPolicyThatIsDeletedIsNoLongerMeasuredAndTheOthersGoOn() {
        CompiledPolicy both = compiled(denies(WATCHED, "Watched", true), denies(OTHER, "Other", true));
        notes.countReports(both, ASKED);
        notes.swapped(snapshot(both));
        assertThat(counted()).containsExactly("Other 1", "Watched 1");

        notes.swapped(snapshot(compiled(denies(OTHER, "Other", true))));
        notes.countReports(compiled(denies(OTHER, "Other", true)), ASKED);

        assertThat(counted()).containsExactly("Other 2");
    }

    @Test
    void aPolicyThatIsRenamedIsMeasuredByItsNewNameAlone() {
        notes.countReports(compiled(denies(WATCHED, "Old", true)), ASKED);
        CompiledPolicy renamed = compiled(denies(WATCHED, "New", true));

        notes.swapped(snapshot(renamed));
        notes.countReports(renamed, ASKED);

        assertThat(counted()).containsExactly("New 1");
    }

    @Test
    void aPolicyThatIsInForceNowReportsNoLongerAndBeginsAnewWhenItDoesAgain() {
        CompiledPolicy reporting = compiled(denies(WATCHED, "Watched", true));
        notes.countReports(reporting, ASKED);

        notes.swapped(snapshot(compiled(denies(WATCHED, "Watched", false))));
        assertThat(counted()).isEmpty();

        notes.countReports(reporting, ASKED);
        assertThat(meters.find("sallyport.report.only").counters())
                .singleElement()
                .extracting(Counter::count)
                .isEqualTo(1.0);
    }
}
