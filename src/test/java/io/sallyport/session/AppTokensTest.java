package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.policy.Decision;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Truth;
import io.sallyport.token.TokenVerifier;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AppTokensTest {
    private static final Selector.ExternalEvaluation EVALUATOR = new Selector.ExternalEvaluation(
            URI.create("https://eval.example.com/ask"), URI.create("https://eval.example.com/keys"));

    private final World world = new World();

    @Test
    void issueWhenAdmittedThenTheTokenReadsBackAsTheSessionThatCameWithIt() {
        AppTokens.Issued.Token issued = token();

        assertThat(TokenVerifier.verify(world.keys, World.ISSUER, issued.compact(), World.NOW))
                .isEqualTo(
                        new TokenVerifier.Verification.Verified(issued.session().claims()));
        assertThat(issued.session().claims().custom()).containsEntry("department", "engines");
        assertThat(issued.expiresAt()).isEqualTo(World.NOW.plus(Duration.ofHours(24)));
    }

    @Test
    void issueWhenRefusedThenNoToken() {
        world.include = List.of(new Selector.OidcClaim(World.KEYCLOAK, "department", "gardens"));

        AppTokens.Issued issued = issue(new AppTokens((e, q) -> Truth.UNDECIDED));

        assertThat(issued).isInstanceOf(AppTokens.Issued.Refused.class);
        assertThat(issued.judged().decision()).isInstanceOf(Decision.Denied.class);
    }

    @Test
    @DisplayName("CS-09 durations: policy, then application; zero means a minute; never over a month")
    void issueWhenDurationsAreSetThenTheMostSpecificCounts() {
        world.sessionDuration = Duration.ofHours(2);
        assertThat(life()).isEqualTo(Duration.ofHours(2));
        world.policyDuration = Duration.ofMinutes(15);
        assertThat(life()).isEqualTo(Duration.ofMinutes(15));
        world.policyDuration = Duration.ZERO;
        assertThat(life()).isEqualTo(Duration.ofSeconds(60));
        world.policyDuration = Duration.ofDays(400);
        assertThat(life()).isEqualTo(Duration.ofDays(31));
    }

    @Test
    void issueWhenAnEvaluatorIsNamedThenItsAnswerDecidesAndIsAskedOnceALogin() {
        world.include = List.of(EVALUATOR);
        AtomicInteger asked = new AtomicInteger();
        AppTokens tokens = new AppTokens((evaluator, question) -> {
            asked.incrementAndGet();
            return evaluator.equals(EVALUATOR) ? Truth.TRUE : Truth.FALSE;
        });
        var ada = World.ada();
        for (int i = 0; i < 2; i++) {
            assertThat(tokens.issue(world.snapshot(), world.application(), ada, World.anonymous(), null, World.NOW)
                            .judged()
                            .decision())
                    .isInstanceOf(Decision.Permit.class);
        }

        assertThat(asked).hasValue(1);
    }

    @Test
    void judgeAndIssueAgreeAndAskTheEvaluatorOnce() {
        world.include = List.of(EVALUATOR);
        AtomicInteger asked = new AtomicInteger();
        AppTokens tokens =
                new AppTokens((evaluator, question) -> asked.incrementAndGet() == 1 ? Truth.TRUE : Truth.FALSE);
        var ada = World.ada();

        AppTokens.Judged judged =
                tokens.judge(world.snapshot(), world.application(), ada, World.anonymous(), World.NOW);

        assertThat(judged.decision()).isInstanceOf(Decision.Permit.class);
        assertThat(tokens.issue(world.snapshot(), world.application(), ada, World.anonymous(), null, World.NOW)
                        .judged()
                        .decision()
                        .reason())
                .isEqualTo(judged.decision().reason());
        assertThat(asked).hasValue(1);
    }

    @Test
    @DisplayName("FC-05 an evaluator that fails or throws leaves the rule undecided, which admits nobody")
    void issueWhenTheEvaluatorFailsThenRefused() {
        world.include = List.of(EVALUATOR);

        assertThat(issue(new AppTokens((e, q) -> Truth.UNDECIDED))).isInstanceOf(AppTokens.Issued.Refused.class);
        assertThat(issue(new AppTokens((e, q) -> {
                    throw new IllegalStateException("broken");
                })))
                .isInstanceOf(AppTokens.Issued.Refused.class);
    }

    private Duration life() {
        return Duration.between(World.NOW, token().expiresAt());
    }

    private AppTokens.Issued.Token token() {
        return (AppTokens.Issued.Token) issue(new AppTokens((e, q) -> Truth.UNDECIDED));
    }

    private AppTokens.Issued issue(AppTokens tokens) {
        return tokens.issue(world.snapshot(), world.application(), World.ada(), World.anonymous(), null, World.NOW);
    }
}
