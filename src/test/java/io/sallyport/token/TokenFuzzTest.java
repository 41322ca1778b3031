package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.Bent;
import io.sallyport.testkit.TestKeys;
import io.sallyport.token.TokenVerifier.Verification;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JW-05, SU-04: a token has one spelling; bent in any way it is rejected, and reading it never fails. */
class TokenFuzzTest {
    private static final int ROUNDS = 2_000;

    static LongStream seeds() {
        return LongStream.of(1, System.nanoTime());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void su04_aBentTokenIsRejected(long seed) {
        Random random = new Random(seed);
        KeyRing keys = TestKeys.ring();
        List<String> good = TestClaims.everyKind().stream()
                .map(claims -> TokenIssuer.sign(keys, TestClaims.ISSUER, claims))
                .toList();
        for (int round = 0; round < ROUNDS; round++) {
            String token = good.get(random.nextInt(good.size()));
            String bent = Bent.text(token, random);
            if (!bent.equals(token)) {
                assertThat(TokenVerifier.verify(keys, TestClaims.ISSUER, bent, TestClaims.NOW))
                        .as("seed %d, round %d: %s", seed, round, bent)
                        .isInstanceOf(Verification.Rejected.class);
            }
        }
    }
}
