package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import io.sallyport.token.EvaluationVerifier.Verdict;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EvaluationVerifierTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final String KEYS = ForeignTokens.keySet(ForeignTokens.RSA, ForeignTokens.P256);

    @Test
    void verifyWhenGenuineThenWhatItSays() {
        assertThat(verify(signed(answer(true)))).isEqualTo(Verdict.TRUE);
        assertThat(verify(signed(answer(false)))).isEqualTo(Verdict.FALSE);
    }

    @Test
    @DisplayName("FC-05 wrongly signed, expired, other nonce, no boolean: no verdict")
    void verifyWhenAnythingIsOffThenInvalid() {
        assertThat(verify(signed(answer("true")))).isEqualTo(Verdict.INVALID);
        assertThat(verify(signed(answer(null)))).isEqualTo(Verdict.INVALID);
        assertThat(verify(signed(answer(1)))).isEqualTo(Verdict.INVALID);
        assertThat(verify(signed(without("exp")))).isEqualTo(Verdict.INVALID);
        assertThat(verify(signed(without("nonce")))).isEqualTo(Verdict.INVALID);
        assertThat(EvaluationVerifier.verify(KEYS, signed(answer(true)), "another", NOW))
                .isEqualTo(Verdict.INVALID);
        assertThat(EvaluationVerifier.verify(KEYS, signed(answer(true)), "n-1", NOW.plusSeconds(60)))
                .isEqualTo(Verdict.INVALID);
        assertThat(verify("junk")).isEqualTo(Verdict.INVALID);
        assertThat(EvaluationVerifier.verify("no keys", signed(answer(true)), "n-1", NOW))
                .isEqualTo(Verdict.INVALID);
        assertThat(verify(ForeignTokens.sign(ForeignTokens.P256, JWSAlgorithm.ES256, answer(true))))
                .as("RSA only")
                .isEqualTo(Verdict.INVALID);
        assertThat(verify(ForeignTokens.sign(ForeignTokens.RSA_2, JWSAlgorithm.RS256, answer(true))))
                .isEqualTo(Verdict.UNKNOWN_KEY);
    }

    private static Verdict verify(String token) {
        return EvaluationVerifier.verify(KEYS, token, "n-1", NOW);
    }

    private static String signed(Map<String, Object> claims) {
        return ForeignTokens.sign(ForeignTokens.RSA, JWSAlgorithm.RS256, claims);
    }

    private static Map<String, Object> answer(Object success) {
        Map<String, Object> claims = TestClaims.claims("nonce", "n-1", "exp", NOW.getEpochSecond() + 60);
        if (success != null) {
            claims.put("success", success);
        }
        return claims;
    }

    private static Map<String, Object> without(String name) {
        Map<String, Object> claims = answer(true);
        claims.remove(name);
        return claims;
    }
}
