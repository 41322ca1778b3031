package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.sallyport.testkit.TestKeys;
import io.sallyport.token.TokenVerifier.Verification;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenVerifierTest {
    private static final Instant NOW = TestClaims.NOW;
    private final KeyRing keys = TestKeys.ring();

    static List<TokenClaims> everyKind() {
        return TestClaims.everyKind();
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void verifyWhenOursThenTheClaimsComeBackWhole(TokenClaims claims) {
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, claims);

        assertThat(verify(compact, NOW)).isEqualTo(new Verification.Verified(claims));
        assertThat(verify(new String(compact.toCharArray()), NOW)).isEqualTo(new Verification.Verified(claims));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    @DisplayName("JW-04 every kind is told apart by what was signed, never by where it is shown")
    void verifyWhenKindIsRelabelledThenRejected(TokenClaims claims) {
        Map<String, Object> json = ClaimsJson.write(TestClaims.ISSUER, claims);
        for (String type : List.of("app", "org", "meta", "evaluation", "match", "nonsense")) {
            if (!type.equals(json.get("type"))) {
                json.put("type", type);
                Verification verification = verify(signed(json), NOW);
                assertThat(verification).as(type).isNotInstanceOf(Verification.Expired.class);
                if (verification instanceof Verification.Verified verified) {
                    // Only possible where the rest of the claims and the issuer are that kind's own as well.
                    assertThat(ClaimsJson.issuer(TestClaims.ISSUER, verified.claims()))
                            .isEqualTo(json.get("iss"));
                    assertThat(verified.claims()).as(type).isNotInstanceOf(TokenClaims.App.class);
                }
            }
        }
    }

    @Test
    void verifyWhenIssuedMidSecondThenTheMomentIsKeptForRevocations() {
        Instant issued = NOW.plusMillis(417);
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.until(issued, TestClaims.LATER));

        assertThat(verify(compact, issued))
                .isInstanceOfSatisfying(
                        Verification.Verified.class,
                        verified -> assertThat(verified.claims().issuedAt()).isEqualTo(issued));
    }

    @Test
    @DisplayName("JW-06 no leeway on expiry, thirty seconds for clocks behind ours")
    void verifyWhenTimesAreOffThenOnlyTheStartHasLeeway() {
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.until(NOW, TestClaims.LATER));

        assertThat(verify(compact, TestClaims.LATER.minusSeconds(1))).isInstanceOf(Verification.Verified.class);
        assertThat(verify(compact, TestClaims.LATER)).isInstanceOf(Verification.Expired.class);
        assertThat(verify(compact, NOW.minusSeconds(30))).isInstanceOf(Verification.Verified.class);
        assertThat(verify(compact, NOW.minusSeconds(31))).isInstanceOf(Verification.Rejected.class);
    }

    @Test
    void verifyWhenIssuerIsAnotherThenRejectedEvenIfSeenBefore() {
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.app());
        assertThat(verify(compact, NOW)).isInstanceOf(Verification.Verified.class);

        assertThat(TokenVerifier.verify(keys, "https://team.example.com/", compact, NOW))
                .isInstanceOf(Verification.Rejected.class);
        assertThat(TokenVerifier.verify(keys, "https://other.example.com", compact, NOW))
                .isInstanceOf(Verification.Rejected.class);
    }

    @Test
    void verifyWhenKeyIsGoneThenRejectedEvenIfSeenBefore() {
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.app());
        assertThat(verify(compact, NOW)).isInstanceOf(Verification.Verified.class);

        KeyRing without = keys.succeededBy(List.of(new KeyRing.Entry(TestKeys.NEXT, NOW, NOW, null)));

        assertThat(TokenVerifier.verify(without, TestClaims.ISSUER, compact, NOW))
                .isInstanceOf(Verification.Rejected.class);
    }

    @Test
    void verifyWhenKeyRetiresThenRejectedFromThatMomentEvenIfSeenBefore() {
        Instant retires = NOW.plus(Duration.ofHours(1));
        KeyRing ring = KeyRing.of(List.of(
                new KeyRing.Entry(TestKeys.CURRENT, NOW, NOW, retires),
                new KeyRing.Entry(TestKeys.NEXT, NOW, NOW.plusSeconds(60), null)));
        String compact = TokenIssuer.sign(ring, TestClaims.ISSUER, TestClaims.app());

        assertThat(TokenVerifier.verify(ring, TestClaims.ISSUER, compact, retires.minusSeconds(1)))
                .isInstanceOf(Verification.Verified.class);
        assertThat(TokenVerifier.verify(ring, TestClaims.ISSUER, compact, retires))
                .isInstanceOf(Verification.Rejected.class);
    }

    @Test
    @DisplayName("JW-03 HS256 with our public key as the secret is rejected")
    void verifyWhenSymmetricThenRejected() throws Exception {
        String jwk = JSONObjectUtils.toJSONString(published().toJSONObject());
        for (byte[] secret : List.of(
                TestKeys.CURRENT.publicKey().getEncoded(),
                TestKeys.CURRENT.certificatePem().getBytes(StandardCharsets.US_ASCII),
                jwk.getBytes(StandardCharsets.UTF_8))) {
            JWSObject token = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .keyID(TestKeys.CURRENT.kid())
                            .build(),
                    new Payload(ClaimsJson.write(TestClaims.ISSUER, TestClaims.app())));
            token.sign(new MACSigner(secret));

            assertThat(verify(token.serialize(), NOW)).isInstanceOf(Verification.Rejected.class);
        }
    }

    @Test
    @DisplayName("JW-03 none, other algorithms, embedded and remote keys and odd kids are rejected")
    void verifyWhenHeaderIsNotOursThenRejected() {
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.app());
        String rest = compact.substring(compact.indexOf('.'));
        String kid = TestKeys.CURRENT.kid();
        for (String header : List.of(
                "{\"alg\":\"none\"}",
                "{\"alg\":\"None\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\"}",
                "{\"alg\":\"RS512\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\"}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\",\"jku\":\"https://evil.example/k\"}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\",\"jwk\":{\"kty\":\"RSA\"}}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\",\"x5u\":\"https://evil.example/c\"}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\",\"zip\":\"DEF\"}",
                "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWT\",\"crit\":[\"b64\"],\"b64\":false}",
                "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}",
                "{\"alg\":\"RS256\",\"kid\":\"../../etc/passwd\",\"typ\":\"JWT\"}",
                "{\"alg\":\"RS256\",\"kid\":\"" + TestKeys.FOREIGN.kid() + "\",\"typ\":\"JWT\"}",
                "{\"alg\":\"RS256\",\"typ\":\"JWT\"}")) {
            String forged =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8))
                            + rest;
            assertThat(verify(forged, NOW)).as(header).isInstanceOf(Verification.Rejected.class);
        }
    }

    @Test
    @DisplayName("JW-03 a token signed by another key under our kid is rejected")
    void verifyWhenSignedByAnotherKeyThenRejected() {
        String payload =
                TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.app()).split("\\.")[1];
        String signingInput = TestKeys.CURRENT.published().headerSegment() + "." + payload;

        assertThat(verify(signingInput + "." + TestKeys.FOREIGN.published().sign(signingInput), NOW))
                .isInstanceOf(Verification.Rejected.class);
    }

    @Test
    @DisplayName("JW-05 a token has one spelling")
    void verifyWhenSpelledOtherwiseThenRejected() {
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.app());
        String[] parts = compact.split("\\.");
        // Two bits of the last character of a 256-byte signature mean nothing; a lenient decoder ignores them.
        char last = compact.charAt(compact.length() - 1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        String unusedBits = compact.substring(0, compact.length() - 1) + alphabet.charAt(alphabet.indexOf(last) ^ 1);
        for (String other : List.of(
                unusedBits,
                compact + "=",
                compact + "==",
                compact + " ",
                " " + compact,
                compact + ".",
                compact + "\n",
                "\"" + compact + "\"",
                "Bearer " + compact,
                parts[0] + "." + parts[1] + "=." + parts[2],
                parts[0] + "=." + parts[1] + "." + parts[2],
                parts[0] + ".." + parts[2],
                parts[0] + "." + parts[1] + ".",
                parts[0] + "." + parts[1])) {
            assertThat(verify(other, NOW)).as(other).isInstanceOf(Verification.Rejected.class);
        }
    }

    @Test
    @DisplayName("JW-05 the size is capped before anything is looked at")
    void verifyWhenTooLongThenRejected() {
        assertThat(verify(
                        TestKeys.CURRENT.published().headerSegment() + "." + "A".repeat(8 * 1024) + "."
                                + "A".repeat(342),
                        NOW))
                .isEqualTo(new Verification.Rejected("too long"));
    }

    @Test
    @DisplayName("JW-05 deep, repeated and mistyped JSON is rejected even when signed")
    void verifyWhenSignedJsonIsOddThenRejected() {
        for (String payload : List.of(
                "{\"type\":\"app\",\"custom\":" + "[".repeat(500) + "]".repeat(500) + "}",
                "{\"type\":\"app\",\"type\":\"app\"}",
                "{\"type\":\"app\"",
                "[]",
                "null",
                "\"app\"",
                "{}")) {
            assertThat(verify(signed(payload), NOW)).as(payload).isInstanceOf(Verification.Rejected.class);
        }
        Map<String, Object> good = ClaimsJson.write(TestClaims.ISSUER, TestClaims.app());
        for (String name : good.keySet()) {
            for (Object odd : List.of(1, "x", true, List.of(), Map.of())) {
                Map<String, Object> json = new LinkedHashMap<>(good);
                json.put(name, odd);
                // Whatever comes out, nothing is thrown.
                assertThat(verify(signed(json), NOW)).as(name + "=" + odd).isNotNull();
            }
        }
        for (String required : List.of("type", "aud", "email", "sub", "iss", "iat", "exp", "identity_nonce")) {
            Map<String, Object> json = new LinkedHashMap<>(good);
            json.remove(required);
            assertThat(verify(signed(json), NOW)).as("without " + required).isInstanceOf(Verification.Rejected.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {20261125L, 7L, 991L})
    @DisplayName("JW-05 damaged tokens are rejected and never throw")
    void verifyWhenDamagedThenRejected(long seed) {
        Random random = new Random(seed);
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.app());
        List<String> accepted = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            StringBuilder damaged = new StringBuilder(compact);
            int changes = 1 + random.nextInt(3);
            for (int c = 0; c < changes; c++) {
                int at = random.nextInt(damaged.length());
                switch (random.nextInt(3)) {
                    case 0 -> damaged.setCharAt(at, (char) random.nextInt(0x250));
                    case 1 -> damaged.deleteCharAt(at);
                    default -> damaged.insert(at, (char) (32 + random.nextInt(95)));
                }
            }
            if (!damaged.toString().equals(compact)
                    && !(verify(damaged.toString(), NOW) instanceof Verification.Rejected)) {
                accepted.add(damaged.toString());
            }
        }
        assertThat(accepted).as("seed " + seed).isEmpty();
    }

    private Verification verify(String compact, Instant now) {
        return TokenVerifier.verify(keys, TestClaims.ISSUER, compact, now);
    }

    private static RSAKey published() {
        return new RSAKey.Builder(TestKeys.CURRENT.publicKey())
                .keyID(TestKeys.CURRENT.kid())
                .build();
    }

    private static String signed(Map<String, Object> json) {
        return signed(JSONObjectUtils.toJSONString(json));
    }

    private static String signed(String payload) {
        String signingInput = TestKeys.CURRENT.published().headerSegment() + "."
                + StrictBase64.encode(payload.getBytes(StandardCharsets.UTF_8));
        return signingInput + "." + TestKeys.CURRENT.published().sign(signingInput);
    }
}
