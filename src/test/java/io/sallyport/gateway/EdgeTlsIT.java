package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.snapshot.Upstream;
import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS on both sides of the gate: the listener's PEM files and their renewal, and how far an origin's certificate is believed. */
class EdgeTlsIT {
    private static final TestAuthority AUTHORITY = new TestAuthority("Test CA");
    private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: app.localhost\r\nAccept: text/html\r\n\r\n";

    @TempDir
    private static Path files;

    private static Path certificate;
    private static Path key;
    private static Edge edge;
    private static RecordingOrigin plain;

    @BeforeAll
    static void start() {
        certificate = files.resolve("tls.crt");
        key = files.resolve("tls.key");
        AUTHORITY.issue("app.localhost", "localhost").write(certificate, key);
        plain = RecordingOrigin.start();
        edge = Edge.start(
                "sallyport.https.port=0", "sallyport.tls.certificate=" + certificate, "sallyport.tls.key=" + key);
        edge.origin("app.localhost", plain)
                .application("app.localhost", Edge.bypass())
                .publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        plain.close();
    }

    private static SSLParameters speaking(String... protocols) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(protocols);
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }

    private static RawHttp connect(String... protocols) throws SSLException {
        return RawHttp.secure(edge.httpsPort(), AUTHORITY.client(), speaking(protocols));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothVersionsOfTlsAreSpokenWithTheCertificateOfTheFiles(String protocol) throws SSLException {
        try (RawHttp http = connect(protocol)) {
            assertThat(http.session().getProtocol()).isEqualTo(protocol);
            assertThat(http.send(REQUEST).response().status()).isEqualTo(200);
        }
        assertThat(plain.take().only("x-forwarded-proto")).isEqualTo("https");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1", "TLSv1.1"})
    void olderVersionsAreRefused(String protocol) {
        assertThatThrownBy(() -> connect(protocol)).isInstanceOf(SSLException.class);
    }

    @Test
    void r23_aRenewedCertificateIsServedWithinFiveSecondsAndAHalfRenewedOneIsNot() throws Exception {
        try (RawHttp old = connect("TLSv1.3")) {
            X509Certificate before = shown();
            TestAuthority.Issued next = AUTHORITY.issue("app.localhost", "localhost");
            Files.writeString(certificate, next.certificatePem());
            await().during(Duration.ofMillis(2_500)).until(() -> shown().equals(before));
            BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
            Files.writeString(key, next.keyPem());
            await().until(() -> shown().equals(next.certificate()));
            assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(5)));
            assertThat(old.send(REQUEST).response().status())
                    .as("what is open goes on")
                    .isEqualTo(200);
            Files.writeString(key, "nonsense");
            await().during(Duration.ofMillis(2_500)).until(() -> shown().equals(next.certificate()));
            Files.writeString(key, next.keyPem());
        }
    }

    private static X509Certificate shown() throws IOException {
        try (RawHttp http = connect("TLSv1.3")) {
            return (X509Certificate) http.session().getPeerCertificates()[0];
        }
    }

    @Test
    void howLongTheCertificateIsStillGoodCanBeWatched() {
        double left = edge.context()
                .getBean(MeterRegistry.class)
                .get("sallyport.https.certificate.left")
                .gauge()
                .value();
        assertThat(left).as("seconds of two hours").isBetween(6_000.0, 7_201.0);
    }

    @Test
    void aKeyThatDoesNotBelongToTheCertificateStopsTheStart() throws IOException {
        Path other = files.resolve("other.key");
        Files.writeString(other, AUTHORITY.issue("app.localhost").keyPem());
        assertThatThrownBy(() -> new ListenerCertificate(certificate, other)).hasMessageContaining("does not belong");
    }

    /** One request to an origin with that certificate, under those settings. */
    private static RawHttp.Response ask(
            TestAuthority.Issued shown, boolean noVerify, @Nullable String serverName, @Nullable String caPool) {
        try (RecordingOrigin origin = RecordingOrigin.start(shown.server())) {
            edge.origin(
                            "tls.localhost",
                            new Upstream.Direct(
                                    origin.uri(), null, Duration.ofSeconds(2), noVerify, serverName, caPool, false))
                    .application("tls.localhost", Edge.bypass())
                    .publish();
            RawHttp.Response answer = RawHttp.exchange(
                    edge.port(), "GET /x HTTP/1.1\r\nHost: tls.localhost\r\nAccept: text/html\r\n\r\n");
            assertThat(origin.drain()).hasSize(answer.status() == 200 ? 1 : 0);
            return answer;
        }
    }

    @Test
    void anOriginIsBelievedByTheConfiguredAuthorityAndForItsOwnName() throws IOException {
        TestAuthority.Issued byAddress = AUTHORITY.issue("127.0.0.1");
        Path pool = files.resolve("pool.pem");
        Files.writeString(pool, AUTHORITY.pem());
        assertThat(ask(byAddress, false, null, pool.toString()).status()).isEqualTo(200);
        assertThat(ask(byAddress, false, null, AUTHORITY.pem()).status()).isEqualTo(200);
        TestAuthority.Issued byName = AUTHORITY.issue("origin.internal");
        assertThat(ask(byName, false, "origin.internal", pool.toString()).status())
                .as("originServerName is what the certificate must be for")
                .isEqualTo(200);
        assertRefused(ask(byName, false, null, pool.toString()));
        assertRefused(ask(byName, false, "other.internal", pool.toString()));
    }

    @Test
    void aStrangersCertificateIs502AndThePageSaysSo() throws IOException {
        TestAuthority stranger = new TestAuthority("Stranger");
        assertRefused(ask(stranger.issue("127.0.0.1"), false, null, null));
        assertRefused(ask(stranger.issue("127.0.0.1"), false, null, AUTHORITY.pem()));
        assertRefused(ask(
                AUTHORITY.issue(InstantSource.system().instant().minus(Duration.ofHours(1)), "127.0.0.1"),
                false,
                null,
                AUTHORITY.pem()));
        assertRefused(ask(
                AUTHORITY.issue("127.0.0.1"),
                false,
                null,
                files.resolve("missing.pem").toString()));
        assertThat(ask(stranger.issue("elsewhere.internal"), true, null, null).status())
                .as("noTLSVerify")
                .isEqualTo(200);
    }

    private static void assertRefused(RawHttp.Response answer) {
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.text())
                .contains("cannot verify the certificate")
                .doesNotContain("Exception")
                .doesNotContain("PKIX")
                .doesNotContain("internal");
    }
}
