package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.ClosedPort;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Rcode;
import tools.jackson.databind.JsonNode;

/** Aliases of tunnels reach a DNS server that checks every signature. */
class DnsUpdatesIT {
    private static final AtomicInteger HOSTS = new AtomicInteger();

    @TempDir
    private static Path directory;

    private static FakeDnsServer dns;
    private static TestServer server;
    private static AdminClient admin;
    private static String zone;

    private final String host = "app-" + HOSTS.incrementAndGet() + ".example.com";
    private String tunnel = "";

    @BeforeAll
    static void start() throws IOException {
        dns = new FakeDnsServer();
        server = TestServer.start(Map.of(
                "sallyport.dns.tunnel-domain", "edge.example.net",
                "sallyport.dns.rfc2136.server", "127.0.0.1:" + dns.port(),
                "sallyport.dns.rfc2136.zone", "example.com",
                "sallyport.dns.rfc2136.key-name", "sallyport",
                "sallyport.dns.rfc2136.key-file",
                        Files.writeString(directory.resolve("key"), FakeDnsServer.KEY + "\n")
                                .toString(),
                "sallyport.dns.rfc2136.ttl", "2m"));
        admin = server.admin();
        zone = "/zones/"
                + admin.callAt("GET", "/zones", null)
                        .result()
                        .path(0)
                        .path("id")
                        .asString();
    }

    @AfterAll
    static void stop() {
        server.close();
        dns.close();
    }

    @BeforeEach
    void makeATunnel() {
        dns.refuseWith(Rcode.NOERROR);
        dns.sign(true);
        tunnel = admin.post("/cfd_tunnel", "{\"name\": \"for-" + host + "\"}")
                .path("id")
                .asString();
    }

    private JsonNode route(String hostname) {
        AdminClient.Answer answer =
                admin.callAt("PUT", zone + "/tunnels/" + tunnel + "/routes", """
                {"type": "dns", "user_hostname": "%s", "overwrite_existing": true}""".formatted(hostname));
        assertThat(answer.status()).isEqualTo(200);
        return answer.result();
    }

    private static JsonNode record(String hostname) {
        return admin.callAt("GET", zone + "/dns_records?name=" + hostname, null)
                .result()
                .path(0);
    }

    private static String state(String hostname) {
        return record(hostname).path("meta").path("dns_update").asString("");
    }

    @Test
    void anAliasIsToldWhenItIsMadeChangedAndDeleted() {
        int refused = dns.refusals().size();
        assertThat(route(host).path("dns_update").asString()).isEqualTo("done");
        assertThat(dns.aliases()).containsEntry(host, tunnel + ".edge.example.net 120");
        String path = zone + "/dns_records/" + record(host).path("id").asString();
        admin.callAt("PATCH", path, "{\"content\": \"elsewhere.example.org\"}");
        assertThat(dns.aliases()).containsEntry(host, "elsewhere.example.org 120");
        admin.callAt("PATCH", path, "{\"name\": \"moved-" + host + "\"}");
        assertThat(dns.aliases()).containsKey("moved-" + host).doesNotContainKey(host);
        admin.callAt("PATCH", path, "{\"type\": \"A\", \"content\": \"192.0.2.1\"}");
        assertThat(dns.aliases()).doesNotContainKey("moved-" + host);
        admin.callAt("PATCH", path, "{\"type\": \"CNAME\", \"content\": \"" + tunnel + ".cfargotunnel.com\"}");
        assertThat(dns.aliases()).containsEntry("moved-" + host, tunnel + ".edge.example.net 120");
        admin.callAt("DELETE", path, null);
        assertThat(dns.aliases()).doesNotContainKey("moved-" + host);
        assertThat(dns.refusals()).hasSize(refused);
    }

    @Test
    void whatTheServerRefusesIsSaidAndToldAgain() {
        dns.refuseWith(Rcode.REFUSED);
        assertThat(route(host).path("dns_update").asString()).isEqualTo("pending: the DNS server answered REFUSED");
        assertThat(state(host)).isEqualTo("pending: the DNS server answered REFUSED");
        dns.refuseWith(Rcode.NOERROR);
        await().atMost(Duration.ofSeconds(20)).until(() -> state(host).equals("done"));
        assertThat(dns.aliases()).containsKey(host);
    }

    @Test
    void aNameWithAddressesOfItsOwnIsNotTouched() {
        dns.address(host);
        assertThat(route(host).path("dns_update").asString()).contains("addresses of its own");
        assertThat(dns.aliases()).doesNotContainKey(host);
    }

    @Test
    void anAnswerThatAnybodyCouldHaveGivenDoesNotCount() {
        dns.sign(false);
        assertThat(route(host).path("dns_update").asString()).contains("is not signed with the key");
    }

    @Test
    void namesOutsideTheZoneAreNobodysBusiness() {
        assertThat(route(host.replace("example.com", "example.org")).has("dns_update"))
                .isFalse();
    }

    @Test
    void aServerThatDoesNotAnswerOrKnowsAnotherKeyIsReported() throws Exception {
        Path other = Files.writeString(directory.resolve("other"), FakeDnsServer.KEY.replace('M', 'N'));
        DnsServer stranger = new DnsServer(settings("127.0.0.1:" + dns.port(), other));
        assertThatThrownBy(() -> stranger.tell(host, "x.example.net"))
                .isInstanceOf(DnsServer.Refused.class)
                .hasMessageContaining("not signed with the key");
        assertThat(dns.aliases()).doesNotContainKey(host);
        try (ClosedPort closed = ClosedPort.take()) {
            DnsServer nobody = new DnsServer(settings("127.0.0.1:" + closed.number(), other));
            assertThatThrownBy(() -> nobody.tell(host, "x.example.net"))
                    .isInstanceOf(DnsServer.Refused.class)
                    .hasMessageContaining("does not answer");
        }
    }

    @Test
    void settingsThatCannotWorkEndTheStartAndShowNoKey() throws IOException {
        Path bad = Files.writeString(directory.resolve("bad"), "not base64: s3cret");
        assertThatThrownBy(() -> new DnsServer(settings("127.0.0.1", bad)))
                .hasMessageContaining("does not hold a key in base64")
                .hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> new DnsServer(settings("127.0.0.1", directory.resolve("none"))))
                .hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> settings("not a server", bad)).hasMessageContaining("rfc2136.server");
    }

    /** Whoever asks the DNS server would be led to their own machine. */
    @Test
    void aTunnelDomainOfThisMachineAloneIsNotPublished() {
        DnsSettings.Rfc2136 publicZone = settings("127.0.0.1", directory.resolve("key"));
        assertThatThrownBy(() -> new DnsSettings("tunnel.localhost", publicZone))
                .hasMessageContaining("sallyport.dns.tunnel-domain");
        DnsSettings.Rfc2136 own = new DnsSettings.Rfc2136(
                "127.0.0.1",
                "lab.localhost",
                "sallyport",
                "hmac-sha256",
                directory.resolve("key"),
                Duration.ofMinutes(5));
        assertThat(new DnsSettings("tunnel.localhost", own).rfc2136()).isEqualTo(own);
    }

    private static DnsSettings.Rfc2136 settings(String server, Path key) {
        return new DnsSettings.Rfc2136(server, "example.com", "sallyport", "hmac-sha256", key, Duration.ofMinutes(5));
    }
}
