package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.tunnel.wire.EdgeGuide;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectorTrustTest {
    private static ConnectorTrust trust(boolean enabled, @Nullable String address) {
        TunnelSettings settings = new TunnelSettings(
                Path.of("data"),
                new TunnelSettings.Tunnel(
                        enabled,
                        0,
                        address,
                        Path.of("edge.crt"),
                        Path.of("edge.key"),
                        "here",
                        "management.example.com"));
        return ConnectorTrust.of(
                settings,
                () -> {
                    throw new AssertionError("an authority was made that nobody needs");
                },
                () -> 7845);
    }

    @Test
    void anOperatorsCertificateHasAnIssuerThatIsNotOurs() {
        assertThat(trust(true, null).authority()).isEmpty();
        assertThat(trust(true, null).guide("gate.example.com").authority()).isEmpty();
    }

    @Test
    void connectorsAreToldTheConfiguredAddressElseTheHostAndThePortThatIsOpen() {
        assertThat(trust(true, null).guide("gate.example.com").address()).isEqualTo("gate.example.com:7845");
        assertThat(trust(true, "tunnel.example.com:443")
                        .guide("gate.example.com")
                        .address())
                .isEqualTo("tunnel.example.com:443");
    }

    @Test
    void aGatewayThatServesNoTunnelsSaysNothing() {
        assertThat(trust(false, "tunnel.example.com:443").guide("gate.example.com"))
                .isEqualTo(EdgeGuide.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gate.example.com", "gate.example.com:0", "https://gate:7844", "[::1]", "a b:1", ""})
    void anAddressThatIsNoneStopsTheStart(String address) {
        assertThatThrownBy(() -> trust(true, address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sallyport.tunnel.address must be HOST:PORT");
    }
}
