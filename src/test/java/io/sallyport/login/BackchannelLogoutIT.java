package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OI-14: a provider says that somebody signed out, and only a provider that proves it is heard. */
class BackchannelLogoutIT {
    private static final UnaryOperator<Map<String, Object>> GOOD = claims -> claims;

    private final LoginServer world = LoginServer.shared();

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    /** @param session null when the provider does not tell */
    private void says(String subject, String session) {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.put("sub", subject);
            if (session != null) {
                claims.put("sid", session);
            }
            return claims;
        }));
    }

    private Visitor signedIn(String subject, String session) {
        says(subject, session);
        Visitor visitor = new Visitor();
        assertThat(visitor.open(world.url(LoginServer.INSTANT, "/")).status()).isEqualTo(200);
        world.idp.behave();
        return visitor;
    }

    private Answer logOut(String token) {
        return new Visitor()
                .post(
                        world.url(LoginServer.TEAM, "/cdn-cgi/access/backchannel-logout/" + world.provider),
                        Map.of("logout_token", token));
    }

    private boolean isIn(Visitor visitor) {
        return visitor.get(world.url(LoginServer.INSTANT, "/")).status() == 200;
    }

    @Test
    void whoSignsOutAtTheProviderIsOutHereInEveryBrowser() {
        String subject = UUID.randomUUID().toString();
        List<Visitor> browsers = List.of(signedIn(subject, "s1"), signedIn(subject, "s2"));
        Visitor other = signedIn(UUID.randomUUID().toString(), "s3");

        assertThat(logOut(world.idp.logoutToken("logout+jwt", subject, GOOD)).status())
                .isEqualTo(200);

        await("both browsers to be out")
                .atMost(Duration.ofSeconds(30))
                .until(() -> browsers.stream().noneMatch(this::isIn));
        assertThat(isIn(other)).isTrue();
        assertThat(signedIn(subject, "s4"))
                .satisfies(again -> assertThat(isIn(again)).isTrue());
    }

    @Test
    void aSessionThatIsNamedEndsAlone() {
        String subject = UUID.randomUUID().toString();
        String ended = UUID.randomUUID().toString();
        Visitor one = signedIn(subject, ended);
        Visitor two = signedIn(subject, UUID.randomUUID().toString());
        logOut(world.idp.logoutToken("logout+jwt", subject, claims -> {
            claims.put("sid", ended);
            return claims;
        }));
        await("the named session to end").atMost(Duration.ofSeconds(30)).until(() -> !isIn(one));
        assertThat(isIn(two)).isTrue();
    }

    @Test
    void oi14TokensThatDoNotHoldEndNothing() {
        String subject = UUID.randomUUID().toString();
        Visitor visitor = signedIn(subject, "s");
        Map<String, UnaryOperator<Map<String, Object>>> bad = new LinkedHashMap<>();
        bad.put("issuer", with("iss", "https://other.example"));
        bad.put("audience", with("aud", "somebody-else"));
        bad.put("no event", with("events", null));
        bad.put("another event", with("events", Map.of("urn:other", Map.of())));
        bad.put("nonce", with("nonce", "n"));
        bad.put("no id", with("jti", null));
        bad.put("expired", with("exp", 1_000_000_000L));
        bad.put("no end", with("exp", null));
        bad.put("old", with("iat", 1_000_000_000L));
        bad.put("ahead", with("iat", 4_000_000_000L));
        bad.put("nobody", with("sub", null));
        bad.forEach((name, change) -> assertThat(logOut(world.idp.logoutToken("logout+jwt", subject, change))
                        .status())
                .as(name)
                .isEqualTo(400));
        for (String type : new String[] {null, "JWT", "at+jwt"}) {
            assertThat(logOut(world.idp.logoutToken(type, subject, GOOD)).status())
                    .isEqualTo(400);
        }
        world.idp.misbehave(new FakeIdp.Misbehaviour().byStranger());
        assertThat(logOut(world.idp.logoutToken("logout+jwt", subject, GOOD)).status())
                .isEqualTo(400);
        world.idp.misbehave(new FakeIdp.Misbehaviour().hmac());
        assertThat(logOut(world.idp.logoutToken("logout+jwt", subject, GOOD)).status())
                .isEqualTo(400);
        world.idp.behave();
        for (String junk : new String[] {"", "a.b.c", "x".repeat(100_000)}) {
            assertThat(logOut(junk).status()).isEqualTo(400);
        }
        assertThat(isIn(visitor)).isTrue();
    }

    @Test
    void oi14ASessionWhoseNameTheProviderKeptToItselfEndsWithItsPerson() {
        String subject = UUID.randomUUID().toString();
        Visitor nameless = signedIn(subject, null);
        Visitor named = signedIn(subject, UUID.randomUUID().toString());

        logOut(world.idp.logoutToken(
                "logout+jwt", subject, with("sid", UUID.randomUUID().toString())));

        await("whoever may be meant to be out").atMost(Duration.ofSeconds(30)).until(() -> !isIn(nameless));
        assertThat(isIn(named)).as("who is known to be another").isTrue();
    }

    /** Between the provider's answer and ours a person may sign out there. */
    @Test
    void oi14ALoginThatWasUnderWayWhenItsSessionEndedBeginsNone() {
        String subject = UUID.randomUUID().toString();
        String session = UUID.randomUUID().toString();
        says(subject, session);
        Visitor late = new Visitor();
        String callback = late.followUntil(late.get(world.url(LoginServer.INSTANT, "/")), "/cdn-cgi/access/callback");

        assertThat(logOut(world.idp.logoutToken("logout+jwt", subject, with("sid", session)))
                        .status())
                .isEqualTo(200);

        Answer refused = late.follow(late.get(callback));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("You are signed out there");
        assertThat(late.cookie(LoginServer.TEAM, "CF_Authorization")).isEmpty();
        assertThat(isIn(late)).isFalse();
        assertThat(isIn(signedIn(subject, UUID.randomUUID().toString())))
                .as("a later session there")
                .isTrue();
    }

    @Test
    void oi14AReplayedTokenIsRefused() {
        String token = world.idp.logoutToken("logout+jwt", UUID.randomUUID().toString(), GOOD);
        assertThat(logOut(token).status()).isEqualTo(200);
        assertThat(logOut(token).status()).isEqualTo(400);
    }

    private static UnaryOperator<Map<String, Object>> with(String name, Object value) {
        return claims -> {
            if (value == null) {
                claims.remove(name);
            } else {
                claims.put(name, value);
            }
            return claims;
        };
    }
}
