package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConnectorTrustTest {
    @Test
    void anOperatorsCertificateHasAnIssuerThatIsNotOurs() {
        TunnelSettings settings = new TunnelSettings(
                Path.of("data"),
                new TunnelSettings.Tunnel(
                        true, 7844, Path.of("edge.crt"), Path.of("edge.key"), "here", "management.example.com"));
        ConnectorTrust trust = ConnectorTrust.of(settings, () -> {
            throw new AssertionError("an authority was made that nobody needs");
        });

        assertThat(trust.authority()).isEmpty();
    }
}
