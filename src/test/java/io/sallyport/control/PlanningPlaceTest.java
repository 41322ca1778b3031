package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;

import io.sallyport.control.PlanningPlace.Stay;
import io.sallyport.control.PlanningPlace.Times;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** DO-04: whoever may plan has the one place of a replica for a share of its time, and nobody has it for good. */
class PlanningPlaceTest {
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final AdminCall READER = call("reader", new Permissions(AdminRole.AUDITOR, null));
    private static final AdminCall OTHER = call("other", new Permissions(AdminRole.AUDITOR, null));
    private static final AdminCall WRITER =
            call("writer", new Permissions(AdminRole.EDITOR, Map.of(ResourceKind.CONFIGURATION, Access.WRITE)));

    private static AdminCall call(String token, Permissions permissions) {
        return new AdminCall(
                new AdminTokens.Holder(token, token, permissions, null),
                "127.0.0.1",
                "0123456789abcdef",
                Optional.empty());
    }

    private static void assertRefused(Runnable work, int status, String message) {
        assertThatThrownBy(work::run).isInstanceOfSatisfying(ApiProblem.class, refused -> {
            assertThat(refused.status().value()).isEqualTo(status);
            assertThat(refused).hasMessageContaining(message);
        });
    }

    @Test
    void do04ATokenHasOnePlanAtATimeAndOtherTokensDoNotWaitForItsNext() throws Exception {
        PlanningPlace planning = new PlanningPlace(new Times(MOMENT, LONG, LONG));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        CompletableFuture<Boolean> first = CompletableFuture.supplyAsync(() -> planning.oneAtATime(READER, () -> {
            begun.countDown();
            try {
                return end.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        assertThat(begun.await(1, TimeUnit.MINUTES)).isTrue();

        assertRefused(() -> planning.oneAtATime(READER, () -> true), 429, "a token gets one at a time");
        assertThat(planning.oneAtATime(OTHER, () -> true)).isTrue();

        end.countDown();
        assertThat(first.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(planning.oneAtATime(READER, () -> true)).isTrue();
    }

    @Test
    void do04APlanOfWhoOnlyReadsMakesWayOnceItHadItsShareAndOthersWait() throws Exception {
        PlanningPlace planning = new PlanningPlace(new Times(LONG, Duration.ZERO, LONG));
        CompletableFuture<Void> waiting;
        try (Stay stay = planning.enter(READER)) {
            assertThatCode(stay::requireTimeLeft).as("nobody waits").doesNotThrowAnyException();
            waiting = CompletableFuture.runAsync(() -> planning.enter(OTHER).close());
            await().untilAsserted(() -> assertRefused(stay::requireTimeLeft, 429, "Others wait for their plans"));
        }
        waiting.get(1, TimeUnit.MINUTES);
    }

    @Test
    void do04APlanOfWhoOnlyReadsEndsThoughNobodyWaitsAndOneOfWhoWritesGoesOn() {
        PlanningPlace planning = new PlanningPlace(new Times(MOMENT, Duration.ZERO, Duration.ZERO));
        try (Stay stay = planning.enter(READER)) {
            assertRefused(stay::requireTimeLeft, 413, "the plan takes longer than 0 seconds");
            assertRefused(() -> planning.enter(OTHER), 503, "another plan or replay is being worked out");
        }
        try (Stay stay = planning.enter(WRITER)) {
            assertThatCode(stay::requireTimeLeft).doesNotThrowAnyException();
        }
    }

    @Test
    void do04TheTimeIsLookedAtBeforeEachSingleChangeOfAFile() {
        Transactions transactions = mock();
        doThrow(ApiProblem.planTooLong(LONG)).when(transactions).requireTimeLeft();
        ConfigSections sections = mock();
        SamlCertificates certificates = mock();
        ConfigDocument document =
                ConfigDocument.read((ObjectNode) JsonMapper.shared().readTree("""
                {"sallyport": 1, "tags": ["one"]}"""));
        ConfigWorld live = new ConfigWorld();
        ConfigChanges changes = new ConfigChanges(
                READER, transactions, sections, certificates, live, document, ConfigMatch.of(document, live));

        assertRefused(() -> changes.make(item -> true), 413, "the plan takes longer than 60 seconds");

        verifyNoInteractions(sections);
    }
}
