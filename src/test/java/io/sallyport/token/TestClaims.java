package io.sallyport.token;

import io.sallyport.identity.Audience;
import io.sallyport.identity.Email;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import io.sallyport.testkit.TestKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One example of every kind of token. */
final class TestClaims {
    static final String ISSUER = "https://team.example.com";
    static final Audience WIKI = new Audience("a1".repeat(32));
    static final Audience OTHER = new Audience("b2".repeat(32));
    static final Instant NOW = TestKeys.START;
    static final Instant LATER = NOW.plus(Duration.ofHours(24));
    static final UserId ADA = UserId.of("7c9e6679-7425-40de-944b-e07fc1f90ae7");
    static final String CLIENT_ID = "0123456789abcdef0123456789abcdef.access";

    private TestClaims() {}

    static TokenClaims.App app() {
        return app(Map.of("department", "engines"), "abc.DEF", "binding-hash", NOW, LATER);
    }

    static TokenClaims.App app(
            Map<String, Object> custom, String facts, String binding, Instant issuedAt, Instant expiresAt) {
        return new TokenClaims.App(
                WIKI,
                ADA,
                new Email("ada@example.com"),
                new IdentityNonce("nonce-of-one-login"),
                "PT",
                custom,
                facts,
                binding,
                issuedAt,
                expiresAt);
    }

    static TokenClaims.App until(Instant issuedAt, Instant expiresAt) {
        return app(Map.of(), "", null, issuedAt, expiresAt);
    }

    static TokenClaims.Service service() {
        return new TokenClaims.Service(WIKI, CLIENT_ID, NOW, LATER);
    }

    static TokenClaims.Global global() {
        return new TokenClaims.Global(
                ADA, new Email("ada@example.com"), new IdentityNonce("nonce-of-one-login"), NOW, LATER);
    }

    static TokenClaims.Meta meta() {
        return new TokenClaims.Meta(
                WIKI, "wiki.example.com", "/start?a=b", false, NOW, NOW.plus(Duration.ofMinutes(5)));
    }

    static TokenClaims.Evaluation evaluation() {
        return new TokenClaims.Evaluation(Map.of("nonce", "n-1"), NOW, NOW.plus(Duration.ofMinutes(1)));
    }

    static List<TokenClaims> everyKind() {
        return List.of(app(), service(), global(), meta(), evaluation());
    }

    static Map<String, Object> claims(Object... namesAndValues) {
        Map<String, Object> claims = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            claims.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return claims;
    }
}
