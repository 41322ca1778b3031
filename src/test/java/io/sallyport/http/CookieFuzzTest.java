package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.Bent;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** HH-07, SU-04: however a cookie field is bent, what goes on to an origin holds none of the cookies that stay here. */
class CookieFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final String GOOD =
            "a=1; CF_Authorization=eyJ.eyJ.sig; CF_Binding=\"secret\"; $Version=1; CF_AppSession=x; b";
    private static final Set<String> OURS = Set.of("CF_Binding", "CF_AppSession");

    static LongStream seeds() {
        return LongStream.of(1, System.nanoTime());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void su04_cookiesThatStayHereNeverGoOn(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            List<String> fields = random.nextBoolean()
                    ? List.of(Bent.text(GOOD, random))
                    : List.of(Bent.text(GOOD, random), Bent.text(GOOD, random));
            CookieHeader kept = CookieHeader.parse(
                    CookieHeader.parse(fields).without(OURS).stream().toList());
            for (String name : OURS) {
                assertThat(kept.values(name))
                        .as("seed %d, round %d: %s", seed, round, fields)
                        .isEmpty();
            }
        }
    }
}
