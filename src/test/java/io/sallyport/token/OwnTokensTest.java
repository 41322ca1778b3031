package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.sallyport.testkit.Bent;
import io.sallyport.testkit.TestKeys;
import io.sallyport.token.TokenVerifier.Verification;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The team domain's cookie, which we sign for ourselves with HS256, and what that signature must never be good for. */
class OwnTokensTest {
    private static final Instant NOW = TestClaims.NOW;
    private static final Scheme OWN = TestKeys.CURRENT.own();
    private static final Scheme PUBLISHED = TestKeys.CURRENT.published();

    private final KeyRing keys = TestKeys.ring();

    static Stream<TokenClaims> everyOtherKind() {
        return TestClaims.everyKind().stream().filter(claims -> !(claims instanceof TokenClaims.Global));
    }

    @Test
    void verifyWhenSignedForUsThenTheSessionComesBackWhole() {
        String compact = TokenIssuer.signForUs(keys, TestClaims.ISSUER, TestClaims.global());

        assertThat(verify(compact)).isEqualTo(new Verification.Verified(TestClaims.global()));
        assertThat(verify(new String(compact.toCharArray()))).isEqualTo(new Verification.Verified(TestClaims.global()));
        assertThat(decoded(compact.split("\\.")[0]))
                .isEqualTo("{\"alg\":\"HS256\",\"kid\":\"" + TestKeys.CURRENT.kid() + "\",\"typ\":\"JWT\"}");
    }

    @Test
    void verifyWhenTheSessionHasEndedThenExpired() {
        String compact = TokenIssuer.signForUs(keys, TestClaims.ISSUER, TestClaims.global());

        assertThat(TokenVerifier.verify(keys, TestClaims.ISSUER, compact, TestClaims.LATER))
                .isInstanceOf(Verification.Expired.class);
        assertThat(TokenVerifier.verify(keys, "https://other.example.com", compact, NOW))
                .isInstanceOf(Verification.Rejected.class);
    }

    @ParameterizedTest
    @MethodSource("everyOtherKind")
    @DisplayName("JW-01, JW-04 what is signed for ourselves is a global session and nothing else")
    void verifyWhenAnotherKindIsSignedForUsThenRejected(TokenClaims claims) {
        assertThat(verify(OWN.compact(payload(claims)))).isInstanceOf(Verification.Rejected.class);
    }

    @Test
    @DisplayName("JW-03 a signature of one scheme is none under the header of the other")
    void verifyWhenSchemesAreSwappedThenRejected() {
        String payload = payload(TestClaims.global());
        String own = OWN.headerSegment() + "." + payload;
        String published = PUBLISHED.headerSegment() + "." + payload;

        assertThat(List.of(
                        own + "." + PUBLISHED.sign(own),
                        own + "." + PUBLISHED.sign(published),
                        published + "." + OWN.sign(published),
                        published + "." + OWN.sign(own),
                        own + "." + TestKeys.FOREIGN.own().sign(own),
                        own + "."))
                .allSatisfy(token -> assertThat(verify(token)).isInstanceOf(Verification.Rejected.class));
    }

    @Test
    @DisplayName("JW-03 nothing that we publish is the secret")
    void verifyWhenTheSecretIsPublicThenRejected() throws Exception {
        String signingInput = OWN.headerSegment() + "." + payload(TestClaims.global());
        for (byte[] secret : List.of(
                TestKeys.CURRENT.publicKey().getEncoded(),
                TestKeys.CURRENT.publicKey().getModulus().toByteArray(),
                TestKeys.CURRENT.certificatePem().getBytes(StandardCharsets.US_ASCII),
                TestKeys.CURRENT.kid().getBytes(StandardCharsets.US_ASCII),
                new byte[32])) {
            String signature = new MACSigner(secret)
                    .sign(new JWSHeader(JWSAlgorithm.HS256), signingInput.getBytes(StandardCharsets.US_ASCII))
                    .toString();

            assertThat(verify(signingInput + "." + signature)).isInstanceOf(Verification.Rejected.class);
        }
    }

    @Test
    @DisplayName("JW-02 the cookie ends with the key that signed it, even if it was seen before")
    void verifyWhenTheKeyIsGoneThenRejected() {
        String compact = TokenIssuer.signForUs(keys, TestClaims.ISSUER, TestClaims.global());
        assertThat(verify(compact)).isInstanceOf(Verification.Verified.class);

        KeyRing after = keys.succeededBy(List.of(new KeyRing.Entry(TestKeys.NEXT, NOW, NOW, null)));

        assertThat(TokenVerifier.verify(after, TestClaims.ISSUER, compact, NOW))
                .isInstanceOf(Verification.Rejected.class);
    }

    @Test
    @DisplayName(
            "JW-02 a session that began under the previous key goes on, and is signed for others with the present one")
    void signForOthersWhenTheKeyHasChangedThenThePresentOneSigns() throws Exception {
        Instant changed = NOW.plusSeconds(60);
        KeyRing ring = KeyRing.of(List.of(
                new KeyRing.Entry(TestKeys.CURRENT, NOW, NOW, NOW.plus(Duration.ofDays(7))),
                new KeyRing.Entry(TestKeys.NEXT, NOW, changed, null)));
        String before = TokenIssuer.signForUs(ring, TestClaims.ISSUER, TestClaims.global());

        String handedOver = TokenIssuer.signForOthers(ring, TestClaims.ISSUER, TestClaims.global(), changed);

        assertThat(JSONObjectUtils.parse(decoded(handedOver.split("\\.")[0])))
                .containsEntry("alg", "RS256")
                .containsEntry("kid", TestKeys.NEXT.kid());
        for (String compact : List.of(before, handedOver)) {
            assertThat(TokenVerifier.verify(ring, TestClaims.ISSUER, compact, changed))
                    .isEqualTo(new Verification.Verified(TestClaims.global()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {20261127L, 3L})
    @DisplayName("JW-05 bent in any way it is rejected")
    void verifyWhenBentThenRejected(long seed) {
        Random random = new Random(seed);
        String compact = TokenIssuer.signForUs(keys, TestClaims.ISSUER, TestClaims.global());
        for (int round = 0; round < 2_000; round++) {
            String bent = Bent.text(compact, random);
            if (!bent.equals(compact)) {
                assertThat(verify(bent)).as("seed %d: %s", seed, bent).isInstanceOf(Verification.Rejected.class);
            }
        }
    }

    private Verification verify(String compact) {
        return TokenVerifier.verify(keys, TestClaims.ISSUER, compact, NOW);
    }

    private static String payload(TokenClaims claims) {
        return StrictBase64.encode(JSONObjectUtils.toJSONString(ClaimsJson.write(TestClaims.ISSUER, claims))
                .getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String segment) {
        return new String(Base64.getUrlDecoder().decode(segment), StandardCharsets.UTF_8);
    }
}
