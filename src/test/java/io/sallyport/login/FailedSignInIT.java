package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static io.sallyport.login.LoginServer.WIKI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.FakeIdp.Misbehaviour;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whatever goes wrong at a provider, the page says what happened and what to do, and other providers are one click away. */
class FailedSignInIT {
    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    @BeforeEach
    @AfterEach
    void behave() {
        world.idp.behave();
    }

    private Answer attempt(String provider) {
        Answer page = visitor.open(world.url(WIKI, "/"));
        return visitor.follow(visitor.get(world.url(TEAM, page.link("Continue with " + provider))));
    }

    @Test
    void aProviderThatIsDownIsNamedAndTheOthersAreOneClickAway() {
        try (ClosedPort port = ClosedPort.take()) {
            aProviderThatIsDown("http://127.0.0.1:" + port.number());
        }
    }

    private void aProviderThatIsDown(String closed) {
        String id = world.admin
                .post("/access/identity_providers", """
                        {"name":"Away","type":"oidc","config":{"client_id":"c","client_secret":"s","issuer":"%s"}}""".formatted(closed))
                .get("id")
                .asString();
        try {
            await("the provider to be offered")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> new Visitor().open(world.url(WIKI, "/")).body().contains("Continue with Away"));
            Answer page = attempt("Away");

            assertThat(page.status()).isEqualTo(502);
            assertThat(page.body())
                    .contains("Sign-in with Away did not work", "The other ways to sign in still work", "Ray ID")
                    .doesNotContain(closed);
            Answer choice = visitor.get(world.url(TEAM, page.link("Sign in another way")));
            Answer in = visitor.follow(visitor.get(world.url(TEAM, choice.link("Continue with Fake"))));
            assertThat(in.url()).isEqualTo(world.url(WIKI, "/"));
            assertThat(in.status()).isEqualTo(200);
            assertThat(visitor.copy()
                            .get(world.url(TEAM, page.link("Try again")))
                            .status())
                    .as("who is signed in needs the broken one no longer")
                    .isIn(302, 303);
            assertThat(new Visitor()
                            .get(world.url(TEAM, page.link("Try again")))
                            .body())
                    .as("to the same one, without the choice")
                    .contains("Sign-in with Away did not work");
        } finally {
            world.admin.delete("/access/identity_providers/" + id);
        }
    }

    @Test
    void whereThereIsNoOtherWayNoneIsPromised() {
        world.idp.misbehave(new Misbehaviour().token(500, "oops"));
        Answer page = visitor.open(world.url(LoginServer.INSTANT, "/"));
        assertThat(page.body()).contains("could not be read", "Try again").doesNotContain("way");
    }

    @Test
    void theLogKnowsWhatTheNetworkSaidAndThePageDoesNot() {
        world.idp.misbehave(new Misbehaviour().token(200, "{\"access_token\":\"" + "x".repeat(300_000) + "\"}"));
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        Logger logger = (Logger) LoggerFactory.getLogger(FailedSignIn.class);
        logger.addAppender(lines);
        try {
            Answer page = attempt("Fake");
            String ray = page.body().replaceAll("(?s).*Ray ID <code>([^<]+)<.*", "$1");
            await("the line with that id")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> lines.list.stream()
                            .map(ILoggingEvent::getFormattedMessage)
                            .anyMatch(line -> line.contains(ray)
                                    && line.contains("Fake")
                                    && line.contains("the answer of 127.0.0.1 is larger than 256 KiB")));
            assertThat(page.body()).doesNotContain("127.0.0.1 is");
        } finally {
            logger.detachAppender(lines);
        }
    }

    @Test
    void anAnswerThatDoesNotHoldSaysWhomToTellWhat() {
        world.idp.misbehave(new Misbehaviour().byStranger());
        assertThat(attempt("Fake").body()).contains("could not be verified", "tell your administrator the Ray ID");
    }

    @Test
    void whoSaidNoIsToldSoAndMayChooseAgain() {
        world.idp.misbehave(new Misbehaviour()
                .callback(back -> Map.of("error", "access_denied", "state", String.valueOf(back.get("state")))));
        Answer page = attempt("Fake");
        assertThat(page.status()).isEqualTo(400);
        assertThat(page.body()).contains("did not go through with it", "Sign in another way", "Try again");
    }

    @Test
    void aWrongSecretIsToldFromAnAnswerThatIsNone() {
        world.idp.misbehave(new Misbehaviour().token(401, "{\"error\":\"invalid_client\"}"));
        assertThat(attempt("Fake").body()).contains("invalid_client", "tell your administrator");
        world.idp.misbehave(new Misbehaviour().token(500, "<html>oops</html>"));
        assertThat(attempt("Fake").body()).contains("could not be read").doesNotContain("invalid_");
        world.idp.misbehave(new Misbehaviour().token(200, "oops"));
        assertThat(attempt("Fake").body()).contains("could not be read");
        world.idp.misbehave(new Misbehaviour().token(200, "{\"access_token\":\"" + "x".repeat(10_000_000) + "\"}"));
        assertThat(attempt("Fake").body())
                .contains("larger than 256 KiB", "Tell your administrator the Ray ID", "fewer groups")
                .doesNotContain("if it happens again");
    }
}
