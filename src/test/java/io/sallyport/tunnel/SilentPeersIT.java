package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TU-03: whoever gets through TLS and then leaves the edge waiting holds a connection for seconds, at whatever step. */
class SilentPeersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(13);

    private static TunnelWorld world;

    @BeforeAll
    static void start(@TempDir Path files) {
        world = new TunnelWorld(files);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    static Stream<Arguments> lastWords() {
        return Stream.of(
                Arguments.of("nothing", ""),
                Arguments.of("half a frame", "0000"),
                Arguments.of("settings that let no stream be opened", "000006040000000000" + "0003" + "00000000"),
                Arguments.of("a ping and no settings", "000008060000000000" + "0102030405060708"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lastWords")
    void tu03WhoSaysThatAndNothingMoreIsClosed(String what, String frames) throws Exception {
        long begun = System.nanoTime();
        try (SSLSocket socket = (SSLSocket)
                tls().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), world.server.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.startHandshake();
            socket.getOutputStream().write(HexFormat.of().parseHex(frames));
            socket.getOutputStream().flush();
            assertThat(closes(socket)).as(what).isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(PATIENCE.plusSeconds(10));
    }

    /** Reads past what the edge says of itself. */
    private static boolean closes(SSLSocket socket) throws IOException {
        try {
            while (socket.getInputStream().read() >= 0) {
                // its preface, settings and pings
            }
            return true;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static SSLContext tls() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        try (var pem = Files.newInputStream(world.authority)) {
            trusted.setCertificateEntry("edge", (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
