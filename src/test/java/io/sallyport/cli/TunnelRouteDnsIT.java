package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tunnel route dns} where a DNS server is to be told of it. */
class TunnelRouteDnsIT {
    @TempDir
    private Path home;

    @Test
    void anAliasThatTheDnsServerHasNotTakenIsWarnedOf() throws IOException {
        Path key = Files.writeString(home.resolve("key"), "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGxvbmcuLg==");
        try (ClosedPort closed = ClosedPort.take();
                TestServer server = TestServer.start(Map.of(
                        "sallyport.dns.tunnel-domain", "edge.example.net",
                        "sallyport.dns.rfc2136.server", "127.0.0.1:" + closed.number(),
                        "sallyport.dns.rfc2136.zone", "example.com",
                        "sallyport.dns.rfc2136.key-name", "sallyport",
                        "sallyport.dns.rfc2136.key-file", key.toString()))) {
            Map<String, String> environment = Map.of(
                    "SALLYPORT_API_URL",
                    "http://127.0.0.1:" + server.port(),
                    "SALLYPORT_API_TOKEN",
                    TestServer.ADMIN_TOKEN);
            assertThat(CliRun.of(environment, home, "tunnel", "create", "demo").err())
                    .isEmpty();
            CliRun inside = CliRun.of(environment, home, "tunnel", "route", "dns", "demo", "app.example.com");
            assertThat(inside.out()).contains("app.example.com");
            assertThat(inside.err())
                    .contains("The DNS server has not taken app.example.com yet: the DNS server does not answer");
            assertThat(CliRun.of(environment, home, "tunnel", "route", "dns", "demo", "app.example.org")
                            .err())
                    .doesNotContain("DNS server");
        }
    }
}
