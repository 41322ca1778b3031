package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.sallyport.token.IdTokenVerifier.Expected;
import io.sallyport.token.IdTokenVerifier.Problem;
import io.sallyport.token.IdTokenVerifier.Result;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IdTokenVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final Expected EXPECTED = new Expected("https://idp.example.com", "client-1", "nonce-1");
    private static final String KEYS = ForeignTokens.keySet(ForeignTokens.RSA);

    static Stream<Arguments> algorithms() {
        return Stream.of(
                Arguments.of(JWSAlgorithm.RS256, ForeignTokens.RSA),
                Arguments.of(JWSAlgorithm.RS512, ForeignTokens.RSA),
                Arguments.of(JWSAlgorithm.PS512, ForeignTokens.RSA),
                Arguments.of(JWSAlgorithm.ES256, ForeignTokens.P256),
                Arguments.of(JWSAlgorithm.ES384, ForeignTokens.P384),
                Arguments.of(JWSAlgorithm.ES512, ForeignTokens.P521));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    @DisplayName("OI-05 the six algorithms verify with the provider's own keys")
    void verifyWhenAlgorithmIsListedThenClaims(JWSAlgorithm algorithm, JWK key) {
        String keys = ForeignTokens.keySet(
                ForeignTokens.RSA_2, ForeignTokens.RSA, ForeignTokens.P256, ForeignTokens.P384, ForeignTokens.P521);

        assertThat(verify(keys, ForeignTokens.sign(key, algorithm, claims()))).isEqualTo(new Result.Verified(claims()));
    }

    @ParameterizedTest
    @MethodSource("unlisted")
    @DisplayName("OI-05 no other algorithm verifies, whatever the key could do")
    void verifyWhenAlgorithmIsNotListedThenRejected(JWSAlgorithm algorithm) {
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, algorithm, claims())))
                .isEqualTo(new Result.Rejected(Problem.ALGORITHM));
    }

    static Stream<JWSAlgorithm> unlisted() {
        return Stream.of(JWSAlgorithm.RS384, JWSAlgorithm.PS256, JWSAlgorithm.PS384);
    }

    @Test
    @DisplayName("OI-05 OI-13 alg none, unsigned and HS256 with the public key are rejected")
    void verifyWhenNotReallySignedThenRejected() throws Exception {
        String good = ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims());
        String none = Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
                + "." + good.split("\\.")[1] + ".";
        JWSObject symmetric = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa-1").build(), new Payload(claims()));
        symmetric.sign(
                new MACSigner(((RSAKey) ForeignTokens.RSA).toRSAPublicKey().getEncoded()));
        OctetSequenceKey shared =
                new OctetSequenceKey.Builder(new byte[64]).keyID("oct-1").build();
        JWSObject withShared = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("oct-1").build(), new Payload(claims()));
        withShared.sign(new MACSigner(new byte[64]));

        assertThat(verify(KEYS, none)).isInstanceOf(Result.Rejected.class);
        assertThat(verify(KEYS, symmetric.serialize())).isEqualTo(new Result.Rejected(Problem.ALGORITHM));
        assertThat(verify("{\"keys\":[" + shared.toJSONString() + "]}", withShared.serialize()))
                .isEqualTo(new Result.Rejected(Problem.ALGORITHM));
    }

    @Test
    @DisplayName("NUL, which no database keeps, is refused here and not taken for a database that is down")
    void verifyWhenAClaimHoldsNulThenRejected() {
        Map<String, Object> claims = claims();
        claims.put("name", "Ada\0Admin");
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims)))
                .isEqualTo(new Result.Rejected(Problem.MALFORMED));
        claims.put("name", "C:\\u0000");
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims)))
                .as("a backslash and five characters")
                .isInstanceOf(Result.Verified.class);
    }

    @Test
    @DisplayName("RFC 7515 §4.1.11 an extension that must be understood and is not refuses the token")
    void verifyWhenACriticalExtensionIsUnknownThenRejected() {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa-1")
                .criticalParams(Set.of("bound"))
                .customParam("bound", "to somebody else")
                .build();
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, header, claims())))
                .isInstanceOf(Result.Rejected.class);
    }

    @Test
    @DisplayName("OI-05 keys named by the token itself are never used")
    void verifyWhenHeaderBringsItsOwnKeyThenItCountsForNothing() {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa-1")
                .jwk(ForeignTokens.RSA_2.toPublicJWK())
                .jwkURL(URI.create("https://evil.example/keys"))
                .x509CertURL(URI.create("https://evil.example/cert"))
                .build();

        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA_2, header, claims())))
                .isEqualTo(new Result.Rejected(Problem.SIGNATURE));
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, header, claims())))
                .as("the published key still does")
                .isInstanceOf(Result.Verified.class);
    }

    @Test
    @DisplayName("OI-05 keys for encryption and weak keys do not verify")
    void verifyWhenKeyIsUnfitThenUnknown() throws Exception {
        RSAKey encryption = new RSAKey.Builder((RSAKey) ForeignTokens.RSA)
                .keyUse(KeyUse.ENCRYPTION)
                .build();
        RSAKey otherAlgorithm = new RSAKey.Builder((RSAKey) ForeignTokens.RSA)
                .algorithm(JWSAlgorithm.PS512)
                .build();
        RSAKey weak = new RSAKeyGenerator(1024, true).keyID("rsa-1").generate();
        String token = ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims());

        for (JWK unfit : List.of(encryption, otherAlgorithm, weak)) {
            assertThat(verify(ForeignTokens.keySet(unfit), token)).isEqualTo(new Result.UnknownKey());
        }
    }

    @Test
    @DisplayName("OI-13 a key id the set does not know asks for newer keys: rotation just before signing")
    void verifyWhenKidIsUnknownThenUnknownKey() {
        String token = ForeignTokens.sign(ForeignTokens.RSA_2, JWSAlgorithm.RS256, claims());

        assertThat(verify(KEYS, token)).isEqualTo(new Result.UnknownKey());
        assertThat(verify(ForeignTokens.keySet(ForeignTokens.RSA, ForeignTokens.RSA_2), token))
                .isInstanceOf(Result.Verified.class);
    }

    @Test
    @DisplayName("OI-13 without a kid a single fitting key is used, several are not tried")
    void verifyWhenKidIsAbsentThenOnlyOneKeyMayBeMeant() {
        String token = ForeignTokens.sign(ForeignTokens.RSA, new JWSHeader(JWSAlgorithm.RS256), claims());

        assertThat(verify(KEYS, token)).isInstanceOf(Result.Verified.class);
        assertThat(verify(ForeignTokens.keySet(ForeignTokens.RSA, ForeignTokens.P256), token))
                .as("the other key is of another kind")
                .isInstanceOf(Result.Verified.class);
        assertThat(verify(ForeignTokens.keySet(ForeignTokens.RSA, ForeignTokens.RSA_2), token))
                .isEqualTo(new Result.UnknownKey());
        assertThat(verify(ForeignTokens.keySet(ForeignTokens.RSA_2), token)).isEqualTo(new Result.UnknownKey());
    }

    @Test
    @DisplayName("OI-13 a changed payload or a signature of another token is rejected")
    void verifyWhenSignatureIsBadThenRejected() {
        String[] one = ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims())
                .split("\\.");
        String[] two = ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, with("sub", "mallory"))
                .split("\\.");

        assertThat(verify(KEYS, one[0] + "." + two[1] + "." + one[2]))
                .isEqualTo(new Result.Rejected(Problem.SIGNATURE));
    }

    static Stream<Arguments> wrongClaims() {
        return Stream.of(
                Arguments.of("iss", null, Problem.ISSUER),
                Arguments.of("iss", "https://idp.example.com/", Problem.ISSUER),
                Arguments.of("iss", "https://evil.example.com", Problem.ISSUER),
                Arguments.of("iss", List.of("https://idp.example.com"), Problem.ISSUER),
                Arguments.of("aud", null, Problem.AUDIENCE),
                Arguments.of("aud", "client-2", Problem.AUDIENCE),
                Arguments.of("aud", List.of(), Problem.AUDIENCE),
                Arguments.of("aud", List.of("client-2"), Problem.AUDIENCE),
                Arguments.of("aud", Map.of("client-1", true), Problem.AUDIENCE),
                Arguments.of("aud", List.of("client-1", "client-2"), Problem.AUTHORIZED_PARTY),
                Arguments.of("azp", "client-2", Problem.AUTHORIZED_PARTY),
                Arguments.of("azp", List.of("client-1"), Problem.AUTHORIZED_PARTY),
                Arguments.of("sub", null, Problem.SUBJECT),
                Arguments.of("sub", "", Problem.SUBJECT),
                Arguments.of("sub", 17, Problem.SUBJECT),
                Arguments.of("sub", "s".repeat(256), Problem.SUBJECT),
                Arguments.of("exp", null, Problem.EXPIRED),
                Arguments.of("exp", NOW.getEpochSecond() - 60, Problem.EXPIRED),
                Arguments.of("exp", "tomorrow", Problem.EXPIRED),
                Arguments.of("exp", Long.MAX_VALUE, Problem.EXPIRED),
                Arguments.of("iat", null, Problem.ISSUED_AT),
                Arguments.of("iat", "today", Problem.ISSUED_AT),
                Arguments.of("iat", NOW.getEpochSecond() + 61, Problem.NOT_YET_VALID),
                Arguments.of("nbf", NOW.getEpochSecond() + 61, Problem.NOT_YET_VALID),
                Arguments.of("nbf", "soon", Problem.NOT_YET_VALID),
                Arguments.of("nonce", null, Problem.NONCE),
                Arguments.of("nonce", "nonce-2", Problem.NONCE),
                Arguments.of("nonce", 1, Problem.NONCE));
    }

    @ParameterizedTest
    @MethodSource("wrongClaims")
    @DisplayName("OI-06 OI-13 wrong or missing iss, aud, azp, sub, exp, iat, nbf and nonce are rejected")
    void verifyWhenClaimIsWrongThenRejected(String name, Object value, Problem problem) {
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, with(name, value))))
                .isEqualTo(new Result.Rejected(problem));
    }

    static Stream<Arguments> tolerated() {
        return Stream.of(
                Arguments.of("aud", "client-1"),
                Arguments.of("azp", "client-1"),
                Arguments.of("exp", NOW.getEpochSecond() - 59),
                Arguments.of("exp", NOW.getEpochSecond() + 600.5),
                Arguments.of("iat", NOW.getEpochSecond() + 60),
                Arguments.of("nbf", NOW.getEpochSecond() + 60));
    }

    @ParameterizedTest
    @MethodSource("tolerated")
    @DisplayName("OI-06 one minute of leeway, and the forms the standard allows")
    void verifyWhenWithinTheStandardThenVerified(String name, Object value) {
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, with(name, value))))
                .isInstanceOf(Result.Verified.class);
    }

    @Test
    void verifyWhenSeveralAudiencesAndWeAreTheAuthorizedPartyThenVerified() {
        Map<String, Object> claims = with("aud", List.of("client-2", "client-1"));
        claims.put("azp", "client-1");

        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims)))
                .isInstanceOf(Result.Verified.class);
    }

    @Test
    void verifyWhenNoIssuerIsPinnedThenAnyIssuerOfTheKeys() {
        Expected unpinned = new Expected(null, "client-1", "nonce-1");
        String other = ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, with("iss", "https://any.example"));
        String missing = ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, with("iss", null));

        assertThat(IdTokenVerifier.verify(KEYS, other, unpinned, NOW)).isInstanceOf(Result.Verified.class);
        assertThat(IdTokenVerifier.verify(KEYS, missing, unpinned, NOW)).isEqualTo(new Result.Rejected(Problem.ISSUER));
    }

    @Test
    @DisplayName("OI-05 a logout or access token is no ID token, and crit is not ignored")
    void verifyWhenTypedOtherwiseThenRejected() {
        for (String type : List.of("logout+jwt", "at+JWT")) {
            JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID("rsa-1")
                    .type(new JOSEObjectType(type))
                    .build();
            assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, header, claims())))
                    .isEqualTo(new Result.Rejected(Problem.MALFORMED));
        }
        JWSHeader critical = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("rsa-1")
                .criticalParams(Set.of("odd"))
                .customParam("odd", "x")
                .build();
        assertThat(verify(KEYS, ForeignTokens.sign(ForeignTokens.RSA, critical, claims())))
                .isInstanceOf(Result.Rejected.class);
    }

    @Test
    void verifyWhenJunkThenRejectedAndNothingThrown() {
        String good = ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims());
        for (String junk : List.of(
                "",
                ".",
                "..",
                "...",
                "a.b.c",
                good + "=",
                good + ".x",
                good.substring(1),
                "é.é.é",
                "A".repeat(300_000) + ".A.A")) {
            assertThat(verify(KEYS, junk)).as(junk).isInstanceOf(Result.Rejected.class);
        }
        for (String keys : List.of("", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[" + "[".repeat(100) + "]}", "<html>")) {
            assertThat(verify(keys, good)).as(keys).isEqualTo(new Result.Rejected(Problem.KEY_SET));
        }
        assertThat(verify("{\"keys\":[1,null,{},{\"kty\":\"RSA\"},{\"kty\":\"odd\"}]}", good))
                .isEqualTo(new Result.UnknownKey());
    }

    private static Result verify(String keys, String token) {
        return IdTokenVerifier.verify(keys, token, EXPECTED, NOW);
    }

    private static Map<String, Object> claims() {
        return TestClaims.claims(
                "iss",
                "https://idp.example.com",
                "aud",
                List.of("client-1"),
                "sub",
                "subject-1",
                "nonce",
                "nonce-1",
                "iat",
                NOW.getEpochSecond(),
                "exp",
                NOW.getEpochSecond() + 300,
                "groups",
                List.of("staff", "admins"));
    }

    private static Map<String, Object> with(String name, Object value) {
        Map<String, Object> claims = new LinkedHashMap<>(claims());
        claims.remove(name);
        if (value != null) {
            claims.put(name, value);
        }
        return claims;
    }
}
