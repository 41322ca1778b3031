package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SealerTest {
    private static final byte[] STATE = "where the login began".getBytes(StandardCharsets.UTF_8);
    private final Sealer sealer = new Sealer(EnvelopeKeyWrapperTest.key(1));

    @Test
    void openWhenSealedForThisPurposeByAnyReplicaThenTheState() {
        String sealed = sealer.seal("pending-login", STATE);

        assertThat(new Sealer(EnvelopeKeyWrapperTest.key(1)).open("pending-login", sealed))
                .hasValueSatisfying(plain -> assertThat(plain).isEqualTo(STATE));
        assertThat(sealed).matches("[A-Za-z0-9_-]+").isNotEqualTo(sealer.seal("pending-login", STATE));
    }

    @Test
    void openWhenAnythingElseThenEmpty() {
        String sealed = sealer.seal("pending-login", STATE);

        assertThat(sealer.open("other", sealed)).isEmpty();
        assertThat(new Sealer(EnvelopeKeyWrapperTest.key(2)).open("pending-login", sealed))
                .isEmpty();
        assertThat(sealer.open("pending-login", sealed + "=")).isEmpty();
        assertThat(sealer.open("pending-login", "")).isEmpty();
        assertThat(sealer.open("pending-login", "junk")).isEmpty();
        assertThat(sealer.open("pending-login", "B".repeat(60))).isEmpty();
        assertThat(sealer.open("pending-login", sealed.substring(4))).isEmpty();
    }

    @Test
    @DisplayName("OT-04 the keyed hash depends on the key and the purpose")
    void macWhenKeyOrPurposeDiffersThenAnotherHash() {
        assertThat(sealer.mac("pin", STATE))
                .hasSize(32)
                .isEqualTo(sealer.mac("pin", STATE))
                .isNotEqualTo(sealer.mac("email", STATE))
                .isNotEqualTo(new Sealer(EnvelopeKeyWrapperTest.key(2)).mac("pin", STATE));
    }
}
