package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Truth;
import io.sallyport.session.Presented.ServiceFields;
import io.sallyport.session.Presented.Tokens;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Revocations;
import io.sallyport.testkit.TestKeys;
import io.sallyport.token.KeyRing;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SessionReaderTest {
    private static final Instant NOW = World.NOW;
    private final World world = new World();
    private final AppTokens tokens = new AppTokens((evaluator, question) -> Truth.UNDECIDED);
    private final Identity ada = World.ada();

    @Test
    void readWhenNothingIsPresentedThenAbsent() {
        assertThat(read(cookies())).isEqualTo(new SessionState.Absent());
    }

    @Test
    void readWhenTheTokenIsGoodThenPresentWithItsFacts() {
        String token = issue();

        assertThat(read(cookies(token))).isInstanceOfSatisfying(SessionState.Present.class, present -> {
            assertThat(present.compact()).isEqualTo(token);
            assertThat(present.claims().email()).isEqualTo(new Email("ada@example.com"));
            assertThat(present.facts().test(world.include.getFirst() instanceof Selector.LoginFact f ? f : null))
                    .isEqualTo(Truth.TRUE);
        });
    }

    @Test
    void readWhenTheTokenComesInCfAccessTokenThenPresentAsWell() {
        assertThat(read(Presented.of(new Tokens(List.of(), List.of(issue()), List.of()))))
                .isInstanceOf(SessionState.Present.class);
    }

    @Test
    @DisplayName("CS-04 junk planted by a sibling host locks nobody out")
    void readWhenJunkStandsBesideTheTokenThenItIsIgnored() {
        String token = issue();
        String otherApp = TokenIssuer.sign(world.keys, World.ISSUER, claims(new Audience("cd".repeat(32)), NOW));

        assertThat(read(cookies("junk", token, "", "a.b.c", otherApp, foreign())))
                .isInstanceOf(SessionState.Present.class);
        assertThat(read(cookies(token, token))).as("one token twice").isInstanceOf(SessionState.Present.class);
    }

    @Test
    @DisplayName("CS-04 when more than one different value verifies none is used")
    void readWhenTwoTokensVerifyThenRejected() {
        assertThat(read(cookies(issue(), issue(World.ada())))).isInstanceOf(SessionState.Rejected.class);
        assertThat(read(Presented.of(new Tokens(List.of(issue()), List.of(issue(World.ada())), List.of()))))
                .isInstanceOf(SessionState.Rejected.class);
    }

    @Test
    @DisplayName("CS-05 JW-04 tokens of another application, another kind or another team are no session")
    void readWhenTheTokenIsForSomethingElseThenRejected() {
        TokenClaims.Global global =
                new TokenClaims.Global(ada.user(), ada.email(), ada.nonce(), NOW, NOW.plus(Duration.ofHours(1)));
        TokenClaims.Meta meta = new TokenClaims.Meta(
                World.WIKI_TAG, "wiki.example.com", "/", false, NOW, NOW.plus(Duration.ofMinutes(5)));
        TokenClaims.Evaluation evaluation = new TokenClaims.Evaluation(
                Map.of("aud", List.of(World.WIKI_TAG.value())), NOW, NOW.plus(Duration.ofMinutes(1)));
        for (String token : List.of(
                TokenIssuer.sign(world.keys, World.ISSUER, claims(new Audience("cd".repeat(32)), NOW)),
                TokenIssuer.sign(world.keys, World.ISSUER, global),
                TokenIssuer.sign(world.keys, World.ISSUER, meta),
                TokenIssuer.sign(world.keys, World.ISSUER, evaluation),
                TokenIssuer.sign(world.keys, "https://other.example.com", claims(World.WIKI_TAG, NOW)),
                foreign())) {
            assertThat(read(cookies(token))).isInstanceOf(SessionState.Rejected.class);
        }
    }

    @Test
    void readWhenTheTokenIsPastItsTimeThenExpiredEvenBesideJunk() {
        String token = issue();
        Instant later = NOW.plus(Duration.ofHours(24));

        assertThat(read(cookies(token), later)).isEqualTo(new SessionState.Expired());
        assertThat(read(cookies("junk", token, "more junk"), later)).isEqualTo(new SessionState.Expired());
        String otherApp = TokenIssuer.sign(world.keys, World.ISSUER, claims(new Audience("cd".repeat(32)), NOW));
        assertThat(read(cookies(otherApp), later.plusSeconds(1))).isInstanceOf(SessionState.Rejected.class);
    }

    @Test
    @DisplayName("CS-06 with the binding cookie on, the application cookie alone is denied")
    void readWhenBindingIsOnThenBothCookiesAreNeeded() {
        world.binding = true;
        String value = SessionCookie.randomValue();
        String bound = issue(ada, SessionCookie.fingerprint(value));

        assertThat(read(bound(bound, value))).isInstanceOf(SessionState.Present.class);
        assertThat(read(bound(bound, "planted", value))).isInstanceOf(SessionState.Present.class);
        assertThat(read(bound(bound))).isInstanceOf(SessionState.Rejected.class);
        assertThat(read(bound(bound, "another"))).isInstanceOf(SessionState.Rejected.class);
        assertThat(read(bound(bound, SessionCookie.fingerprint(value)))).isInstanceOf(SessionState.Rejected.class);
        assertThat(read(bound(issue(), value))).as("a token from before").isInstanceOf(SessionState.Rejected.class);
    }

    @Test
    @DisplayName("CS-08 a token from before an epoch never works again, one from after does")
    void readWhenRevokedThenRejected() {
        String token = issue();
        Instant epoch = NOW.plusMillis(5);
        for (Revocations revocations : List.of(
                revoked(Map.of(ada.user(), epoch), Map.of(), Set.of()),
                revoked(Map.of(), Map.of(World.WIKI, epoch), Set.of()),
                revoked(Map.of(), Map.of(), Set.of(ada.nonce())))) {
            world.revocations = revocations;
            assertThat(read(cookies(token))).isInstanceOf(SessionState.Rejected.class);
        }
        world.revocations = revoked(Map.of(ada.user(), epoch), Map.of(World.WIKI, epoch), Set.of());
        assertThat(read(cookies(issueAt(epoch.plusMillis(1))), NOW.plusSeconds(1)))
                .as("issued in the same second, after the epoch")
                .isInstanceOf(SessionState.Present.class);
        assertThat(read(cookies(token, issueAt(epoch.plusMillis(1))), NOW.plusSeconds(1)))
                .as("a revoked token beside a good one counts for nothing")
                .isInstanceOf(SessionState.Present.class);
    }

    @Test
    @DisplayName("CS-10 a token captured for other facts is stale, not refused")
    void readWhenThePolicyLooksAtAnotherFactThenStale() {
        String token = issue();
        world.include = List.of(new Selector.AuthMethod("mfa"));

        assertThat(read(cookies(token))).isInstanceOf(SessionState.Stale.class);
    }

    @Test
    @DisplayName("CS-10 a person edited since is stale until issued anew")
    void readWhenThePersonWasEditedThenStale() {
        String token = issue();
        world.revocations =
                new Revocations(1, Map.of(), Map.of(ada.user(), NOW.plusMillis(3)), Map.of(), Map.of(), Set.of());

        assertThat(read(cookies(token))).isInstanceOf(SessionState.Stale.class);
        assertThat(read(cookies(issueAt(NOW.plusMillis(3))), NOW.plusSeconds(1)))
                .isInstanceOf(SessionState.Present.class);
    }

    @Test
    void readWhenServiceHeadersAreRightThenService() {
        assertThat(read(service(World.ROBOT.clientId(), World.ROBOT_SECRET)))
                .isEqualTo(new SessionState.Service(World.ROBOT));
    }

    @Test
    void readWhenTheSingleHeaderHoldsCredentialsThenService() {
        assertThat(read(single("{\"cf-access-client-id\":\"" + World.ROBOT.clientId()
                        + "\",\"cf-access-client-secret\":\"" + World.ROBOT_SECRET + "\"}")))
                .isEqualTo(new SessionState.Service(World.ROBOT));
        assertThat(read(single("Bearer something-of-the-application"))).isEqualTo(new SessionState.Absent());
        assertThat(read(single("{\"token\":\"of the application\"}"))).isEqualTo(new SessionState.Absent());
    }

    @Test
    @DisplayName("ST-02 in strict mode a cookie sent along is ignored, and a wrong token is final")
    void readWhenStrictThenOnlyTheServiceTokenSpeaks() {
        String cookie = issue();

        assertThat(read(service(cookie, World.ROBOT.clientId(), World.ROBOT_SECRET)))
                .isEqualTo(new SessionState.Service(World.ROBOT));
        assertThat(read(service(cookie, World.ROBOT.clientId(), "wrong")))
                .isInstanceOf(SessionState.BadServiceToken.class);
        assertThat(read(service(cookie, "1".repeat(32) + ".access", World.ROBOT_SECRET)))
                .isInstanceOf(SessionState.BadServiceToken.class);
    }

    @Test
    @DisplayName("ST-02 in non-strict mode a wrong token is as good as none")
    void readWhenNotStrictAndTheTokenIsWrongThenTheCookieCounts() {
        world.strict = false;

        assertThat(read(service(issue(), World.ROBOT.clientId(), "wrong"))).isInstanceOf(SessionState.Present.class);
        assertThat(read(service(World.ROBOT.clientId(), "wrong"))).isInstanceOf(SessionState.BadServiceToken.class);
        assertThat(read(service("junk", World.ROBOT.clientId(), "wrong")))
                .isInstanceOf(SessionState.BadServiceToken.class);
    }

    @Test
    @DisplayName("ST-03 duplicate, incomplete and double-carried credentials are refused in both modes")
    void readWhenCredentialsAreOddThenRefused() {
        String id = World.ROBOT.clientId();
        String secret = World.ROBOT_SECRET;
        String json = "{\"cf-access-client-id\":\"" + id + "\",\"cf-access-client-secret\":\"" + secret + "\"}";
        for (boolean strict : List.of(true, false)) {
            world.strict = strict;
            String cookie = issue();
            for (Presented odd : List.of(
                    beside(cookie, List.of(id, id), List.of(secret)),
                    beside(cookie, List.of(id), List.of(secret, secret)),
                    beside(cookie, List.of(id), List.of()),
                    beside(cookie, List.of(), List.of(secret)),
                    beside(cookie, List.of(id), List.of("")),
                    beside(cookie, List.of(id), List.of(secret), json),
                    beside(cookie, List.of(), List.of(), json, json),
                    single("{\"cf-access-client-id\":\"" + id + "\"}"),
                    single("{\"cf-access-client-id\":\"" + id + "\",\"cf-access-client-secret\":7}"),
                    single("{\"cf-access-client-id\":\"" + id + "\",\"cf-access-client-id\":\"" + id
                            + "\",\"cf-access-client-secret\":\"" + secret + "\"}"),
                    single("[" + json + "]"),
                    single(json.substring(1)))) {
                assertThat(read(odd)).as(odd.toString()).isInstanceOf(SessionState.BadServiceToken.class);
            }
        }
    }

    @Test
    @DisplayName("ST-02 a program's token opens only in non-strict mode, and only while its service token lives")
    void readWhenProgramComesBackWithItsTokenThenServiceCookie() {
        world.strict = false;
        String token = new ServiceAssertions()
                .sign(world.snapshot(), world.application(), World.ROBOT, NOW)
                .compact();

        assertThat(read(cookies(token)))
                .isInstanceOfSatisfying(
                        SessionState.ServiceCookie.class,
                        cookie -> assertThat(cookie.identity()).isEqualTo(World.ROBOT));
        world.strict = true;
        assertThat(read(cookies(token))).isInstanceOf(SessionState.Rejected.class);
        world.strict = false;
        world.robotEnabled = false;
        assertThat(read(cookies(token))).isInstanceOf(SessionState.Rejected.class);
        world.robotEnabled = true;
        world.robotExpires = NOW;
        assertThat(read(cookies(token))).isInstanceOf(SessionState.Rejected.class);
        world.robotExpires = NOW.plusSeconds(60);
        world.revocations = revoked(Map.of(), Map.of(World.WIKI, NOW), Set.of());
        assertThat(read(cookies(token))).isInstanceOf(SessionState.Rejected.class);
    }

    private static Revocations revoked(
            Map<UserId, Instant> users, Map<AppId, Instant> applications, Set<IdentityNonce> sessions) {
        return new Revocations(1, users, Map.of(), applications, Map.of(), sessions);
    }

    private SessionState read(Presented presented) {
        return read(presented, NOW);
    }

    private SessionState read(Presented presented, Instant now) {
        return new SessionReader().read(world.snapshot(), world.application(), presented, now);
    }

    private String issue() {
        return issue(ada);
    }

    private String issue(Identity identity) {
        return issue(identity, null);
    }

    private String issue(Identity identity, String binding) {
        return issued(world.application(), identity, binding, NOW);
    }

    private String issueAt(Instant at) {
        return issued(world.application(), ada, null, at);
    }

    private String issued(Application application, Identity identity, String binding, Instant at) {
        AppTokens.Issued issued = tokens.issue(world.snapshot(), application, identity, World.anonymous(), binding, at);
        return ((AppTokens.Issued.Token) issued).compact();
    }

    private TokenClaims.App claims(Audience audience, Instant issuedAt) {
        return new TokenClaims.App(
                audience,
                ada.user(),
                ada.email(),
                ada.nonce(),
                null,
                Map.of(),
                "",
                null,
                issuedAt,
                issuedAt.plus(Duration.ofHours(24)));
    }

    private String foreign() {
        KeyRing theirs = KeyRing.of(List.of(new KeyRing.Entry(TestKeys.FOREIGN, NOW, NOW, null)));
        return TokenIssuer.sign(theirs, World.ISSUER, claims(World.WIKI_TAG, NOW));
    }

    private static Presented cookies(String... values) {
        return Presented.of(new Tokens(List.of(values), List.of(), List.of()));
    }

    private static Presented bound(String token, String... bindings) {
        return Presented.of(new Tokens(List.of(token), List.of(), List.of(bindings)));
    }

    private static Presented service(String id, String secret) {
        return presented(Tokens.NONE, new ServiceFields(List.of(id), List.of(secret), List.of()));
    }

    private static Presented service(String cookie, String id, String secret) {
        return beside(cookie, List.of(id), List.of(secret));
    }

    private static Presented single(String value) {
        return presented(Tokens.NONE, new ServiceFields(List.of(), List.of(), List.of(value)));
    }

    private static Presented beside(String cookie, List<String> ids, List<String> secrets, String... single) {
        return presented(
                new Tokens(List.of(cookie), List.of(), List.of()), new ServiceFields(ids, secrets, List.of(single)));
    }

    private static Presented presented(Tokens tokens, ServiceFields fields) {
        return new Presented(tokens, fields, PassCredentials.NONE, List.of(), null);
    }
}
