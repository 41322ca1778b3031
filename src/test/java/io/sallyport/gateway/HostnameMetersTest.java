package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.identity.TunnelId;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Requests through tunnels, each configured hostname apart, within bounds. */
class HostnameMetersTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HostnameMeters hostnames = new HostnameMeters(meters);
    private final TunnelId tunnel = new TunnelId(UUID.randomUUID());

    private long count(String hostname, String answer) {
        return meters.get("sallyport.tunnel.hostname.requests")
                .tags("tunnel", tunnel.toString(), "hostname", hostname, "answer", answer)
                .timer()
                .count();
    }

    @Test
    void answersOfTheOriginAreCountedByTheirHundredsAndTheGatesOwnByTheirReason() {
        TunnelOrigin wiki = new TunnelOrigin(tunnel, "*.wiki.example.com");
        hostnames.record(wiki, 200, null, 1_000);
        hostnames.record(wiki, 204, null, 1_000);
        hostnames.record(wiki, 502, null, 1_000);
        hostnames.record(wiki, 530, "no_connector", 1_000);
        assertThat(count("*.wiki.example.com", "2xx")).isEqualTo(2);
        assertThat(count("*.wiki.example.com", "5xx")).isOne();
        assertThat(count("*.wiki.example.com", "no_connector")).isOne();
    }

    @Test
    void hostnamesBeyondTheBoundAreCountedTogetherAndThoseBeforeItGoOn() {
        for (int i = 0; i < HostnameMeters.MOST + 50; i++) {
            hostnames.record(new TunnelOrigin(tunnel, "h" + i), 200, null, 1_000);
        }
        hostnames.record(new TunnelOrigin(tunnel, "h0"), 200, null, 1_000);
        assertThat(meters.getMeters()).hasSize(HostnameMeters.MOST + 1);
        assertThat(count("h0", "2xx")).isEqualTo(2);
        assertThat(count(HostnameMeters.OTHERS, "2xx")).isEqualTo(50);
        assertThat(meters.getMeters().stream().map(Meter::getId).map(id -> id.getTag("tunnel")))
                .containsOnly(tunnel.toString());
    }
}
