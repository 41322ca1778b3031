package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.TestKeys;
import io.sallyport.token.KeyRing;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServiceAssertionsTest {
    private final World world = new World();
    private final ServiceAssertions assertions = new ServiceAssertions();

    @Test
    void knownWhenSignedAMomentAgoThenTheSameTokenForSomeMinutes() {
        assertThat(known(Duration.ZERO)).isNull();
        ServiceAssertions.Assertion signed =
                assertions.sign(world.snapshot(), world.application(), World.ROBOT, World.NOW);

        assertThat(known(Duration.ofMinutes(4))).isEqualTo(signed);
        assertThat(known(Duration.ofMinutes(5))).isNull();
        assertThat(signed.expiresAt()).isEqualTo(World.NOW.plus(Duration.ofHours(24)));
    }

    @Test
    @DisplayName("JW-02 after the signing key changed no token of the old one is handed out")
    void knownWhenTheKeyChangedThenNone() {
        assertions.sign(world.snapshot(), world.application(), World.ROBOT, World.NOW);

        world.keys = KeyRing.of(List.of(new KeyRing.Entry(TestKeys.NEXT, World.NOW, World.NOW, null)));

        assertThat(known(Duration.ZERO)).isNull();
    }

    @Test
    void knownWhenTheDurationChangedThenNone() {
        assertions.sign(world.snapshot(), world.application(), World.ROBOT, World.NOW);
        world.sessionDuration = Duration.ZERO;

        assertThat(known(Duration.ZERO)).isNull();
        assertThat(assertions
                        .sign(world.snapshot(), world.application(), World.ROBOT, World.NOW)
                        .expiresAt())
                .isEqualTo(World.NOW.plusSeconds(60));
        assertThat(known(Duration.ofSeconds(29))).isNotNull();
        assertThat(known(Duration.ofSeconds(30))).isNull();
    }

    private ServiceAssertions.Assertion known(Duration later) {
        return assertions.known(world.snapshot(), world.application(), World.ROBOT, World.NOW.plus(later));
    }
}
