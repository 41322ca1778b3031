package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.snapshot.Revocations;
import io.sallyport.testkit.TestKeys;
import io.sallyport.token.KeyRing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    @Test
    @DisplayName("CS-07 after the service token or the application was revoked no token from before is handed out")
    void knownWhenItsServiceTokenOrApplicationWasRevokedThenNone() {
        assertions.sign(world.snapshot(), world.application(), World.ROBOT, World.NOW);
        world.revocations = new Revocations(
                1, Map.of(), Map.of(), Map.of(), Map.of(World.ROBOT.clientId(), World.NOW.plusMillis(5)), Set.of());
        assertThat(known(Duration.ofSeconds(1))).isNull();
        assertions.sign(world.snapshot(), world.application(), World.ROBOT, World.NOW.plusSeconds(1));
        assertThat(known(Duration.ofSeconds(2))).isNotNull();

        world.revocations = new Revocations(
                2, Map.of(), Map.of(), Map.of(world.application().id(), World.NOW.plusSeconds(3)), Map.of(), Set.of());
        assertThat(known(Duration.ofSeconds(4))).isNull();
    }

    private ServiceAssertions.Assertion known(Duration later) {
        return assertions.known(world.snapshot(), world.application(), World.ROBOT, World.NOW.plus(later));
    }
}
