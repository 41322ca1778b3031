package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.session.WrongCredentials.TooMany;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WrongCredentialsTest {
    private static final InetAddress MALLORY = InetAddress.ofLiteral("192.0.2.1");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final WrongCredentials limits = new WrongCredentials(3, meters);
    private final AtomicInteger lookUps = new AtomicInteger();

    private Optional<String> show(InetAddress client, String credential) throws TooMany {
        return limits.check("api", client, credential, shown -> {
            lookUps.incrementAndGet();
            return shown.startsWith("right") ? Optional.of(shown) : Optional.empty();
        });
    }

    private void useUp(InetAddress client) throws TooMany {
        for (int i = 0; i < 3; i++) {
            assertThat(show(client, "wrong " + i)).isEmpty();
        }
    }

    @Test
    void do04WhoHasShownTooManyIsTurnedAwayBeforeAnythingIsLookedUp() throws TooMany {
        useUp(MALLORY);
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> show(MALLORY, "another")).isInstanceOf(TooMany.class);
        }
        assertThat(lookUps).hasValue(3);
        assertThat(meters.counter("sallyport.wrong.credentials", "door", "api", "outcome", "wrong")
                        .count())
                .isEqualTo(3);
        assertThat(meters.counter("sallyport.wrong.credentials", "door", "api", "outcome", "refused")
                        .count())
                .isEqualTo(100);
    }

    @Test
    void st05WhatWasRightGoesOnWorkingBehindTheSameAddressAndWhatIsRightElsewhereToo() throws TooMany {
        assertThat(show(MALLORY, "right")).isPresent();
        useUp(MALLORY);
        assertThat(show(MALLORY, "right")).isPresent();
        assertThat(show(InetAddress.ofLiteral("192.0.2.2"), "right, and new")).isPresent();
    }

    @Test
    void whatIsRightCostsNothing() throws TooMany {
        for (int i = 0; i < 100; i++) {
            assertThat(show(MALLORY, "right " + i)).isPresent();
        }
    }

    @Test
    void whatWasRightAndIsNotAnyMoreIsLookedUpOnceMoreAndNeverAgain() throws TooMany {
        assertThat(show(MALLORY, "right")).isPresent();
        useUp(MALLORY);
        assertThat(limits.check("api", MALLORY, "right", _ -> Optional.empty())).isEmpty();
        assertThatThrownBy(() -> show(MALLORY, "right")).isInstanceOf(TooMany.class);
    }

    @Test
    void whatIsRightAtOneDoorIsNothingAtAnother() throws TooMany {
        assertThat(show(MALLORY, "right")).isPresent();
        useUp(MALLORY);
        assertThatThrownBy(() -> limits.check("scim", MALLORY, "right", Optional::of))
                .isInstanceOf(TooMany.class);
    }

    @Test
    void do04OneSubscriberOfIpVersion6IsOneSource() throws TooMany {
        for (int i = 0; i < 3; i++) {
            assertThat(show(InetAddress.ofLiteral("2001:db8:0:1::" + i), "wrong"))
                    .isEmpty();
        }
        assertThatThrownBy(() -> show(InetAddress.ofLiteral("2001:db8:0:1:ffff::1"), "wrong"))
                .isInstanceOf(TooMany.class);
        assertThat(show(InetAddress.ofLiteral("2001:db8:0:2::1"), "wrong")).isEmpty();
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsNobodysWrongCredential() throws TooMany {
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> limits.check("api", MALLORY, "right", _ -> {
                        throw new IllegalStateException("no database");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(show(MALLORY, "right")).isPresent();
    }
}
