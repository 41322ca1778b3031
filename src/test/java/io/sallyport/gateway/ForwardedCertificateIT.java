package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HostName;
import io.sallyport.mtls.Authority;
import io.sallyport.mtls.Demands;
import io.sallyport.mtls.Pem;
import io.sallyport.mtls.Revocation;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.Selector;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestClientAuthority.Issued;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A listed proxy ends TLS and passes the certificate it saw; we judge it as if it had been shown to us (ST-06). */
class ForwardedCertificateIT {
    private static final String HOST = "devices.example.test";
    private static final TestClientAuthority DEVICES = TestClientAuthority.root("Devices");

    private static Edge edge;
    private static RecordingOrigin origin;

    @BeforeAll
    static void start() throws Pem.Unusable {
        origin = RecordingOrigin.start();
        edge = Edge.start("sallyport.trusted-proxies=127.0.0.1", "sallyport.client-certificate.header=X-SSL-Cert");
        HostName host = HostName.parse(HOST).orElseThrow();
        edge.demands = Demands.of(
                Map.of(new Authority("Devices", Pem.authority(DEVICES.pem()), Revocation.NAMED, null), Set.of(host)),
                Set.of());
        edge.origin(HOST, origin)
                .application(HOST, Edge.policy(PolicyAction.NON_IDENTITY, new Selector.CommonName("laptop")))
                .publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    private static int ask(String... fields) {
        return RawHttp.exchange(
                        edge.port(),
                        "GET /x HTTP/1.1\r\nHost: " + HOST
                                + "\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"
                                + String.join(
                                        "",
                                        Arrays.stream(fields)
                                                .map(field -> field + "\r\n")
                                                .toList())
                                + "\r\n")
                .status();
    }

    @Test
    void whatItPassesIsJudgedByTheHostsAuthorities() {
        assertThat(ask("X-SSL-Cert: " + DEVICES.client("laptop").issue().der())).isEqualTo(200);
        assertThat(origin.take().fields()).noneMatch(field -> field.getKey().equalsIgnoreCase("x-ssl-cert"));
        assertThat(ask()).isEqualTo(403);
        assertThat(ask("X-SSL-Cert: junk")).isEqualTo(403);
        assertThat(ask("X-SSL-Cert: " + DEVICES.client("other").issue().der())).isEqualTo(403);
        assertThat(ask("X-SSL-Cert: "
                        + TestClientAuthority.root("Devices")
                                .client("laptop")
                                .issue()
                                .der()))
                .isEqualTo(403);
        assertThat(ask("X-SSL-Cert: "
                        + DEVICES.client("laptop")
                                .until(InstantSource.system().instant().minusSeconds(1))
                                .issue()
                                .der()))
                .isEqualTo(403);
    }

    @Test
    void onlyTheHeaderItWritesCounts_whatItPassesOnDoesNot() {
        Issued laptop = DEVICES.client("laptop").issue();
        assertThat(ask("Client-Cert: :" + laptop.der() + ":")).isEqualTo(403);
        assertThat(ask("ssl-client-cert: " + laptop.der())).isEqualTo(403);
        assertThat(ask("Cf-Client-Cert-Der-Base64: " + laptop.der())).isEqualTo(403);
        assertThat(ask("X-SSL-Cert: " + laptop.der(), "X-SSL-Cert: " + laptop.der()))
                .as("one of two may be the client's own")
                .isEqualTo(403);
        assertThat(origin.drain()).isEmpty();
    }
}
