package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class SourceLimitsTest {
    private static final InetAddress SOMEBODY = InetAddress.ofLiteral("192.0.2.1");

    @Test
    void do04_aSourceHasItsShareOfTheLoginAndNoMore() {
        SourceLimits limits = new SourceLimits(3);
        for (int i = 0; i < 3; i++) {
            assertThat(limits.admits(SOMEBODY)).isTrue();
        }
        assertThat(limits.admits(SOMEBODY)).isFalse();
        assertThat(limits.admits(InetAddress.ofLiteral("192.0.2.2"))).isTrue();
    }

    @Test
    void do04_oneSubscriberOfIpVersion6IsOneSource() {
        SourceLimits limits = new SourceLimits(1);
        assertThat(limits.admits(InetAddress.ofLiteral("2001:db8:0:1::1"))).isTrue();
        assertThat(limits.admits(InetAddress.ofLiteral("2001:db8:0:1:ffff::2"))).isFalse();
        assertThat(limits.admits(InetAddress.ofLiteral("2001:db8:0:2::1"))).isTrue();
    }
}
