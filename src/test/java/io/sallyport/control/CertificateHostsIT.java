package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts that demand a client certificate, which no listener asks for yet. */
class CertificateHostsIT {
    @ParameterizedTest
    @ValueSource(strings = {"%s", "*.%s"})
    @DisplayName(
            "FC: a host that demands a client certificate admits nobody, not even past a bypass; it opens when the demand goes")
    void demandsThatCannotBeMetFailClosed(String pattern) {
        String domain = Api.uniqueHost();
        String host = pattern.startsWith("*") ? "mtls." + domain : domain;
        Api.create("/access/apps", """
                {"type": "self_hosted", "name": "mTLS", "domain": "%s",
                 "policies": [{"name": "all", "decision": "bypass", "include": [{"everyone": {}}]}]}""".formatted(pattern.formatted(domain)));
        becomes(host, 502);
        String authority = Api.create(
                        "/access/certificates",
                        Api.json("{\"name\": \"CA\", \"associated_hostnames\": [\"" + host + "\"]}")
                                .put("certificate", Api.authority())
                                .toString())
                .id();
        becomes(host, 403);
        Api.must("PUT", "/access/certificates/" + authority, "{\"associated_hostnames\": []}");
        becomes(host, 502);
    }

    /** 502 is what an admitted request meets: the host has no origin. */
    private static void becomes(String host, int status) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(RawHttp.exchange(
                                        Api.server().port(),
                                        "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                                .status())
                        .isEqualTo(status));
    }
}
