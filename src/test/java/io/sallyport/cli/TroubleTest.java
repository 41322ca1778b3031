package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.testkit.TestAuthority.Issued;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a command from a file or a gateway, in words; and whom {@code SSL_CERT_FILE} makes it believe. */
class TroubleTest {
    private final TestAuthority authority = new TestAuthority("our own");

    @TempDir
    private Path files;

    private HttpsServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    @Test
    void filesAreSpokenOfWithoutNamesOfClasses() throws Exception {
        assertThat(reading(files.resolve("gone"))).isEqualTo("there is no such file or directory");
        assertThat(reading(files)).isEqualTo("Is a directory");
        assertThat(reading(Files.write(files.resolve("latin"), new byte[] {(byte) 0xe4})))
                .isEqualTo("it is not text in UTF-8");
        assertThat(Trouble.with(new AccessDeniedException("secret")))
                .isEqualTo("permission denied to the user " + System.getProperty("user.name"));
    }

    @Test
    void anAuthorityOfOnesOwnIsBelievedWhenItIsNamed() throws Exception {
        URI there = serve(authority.issue("localhost"));
        assertThat(asking(there, Map.of())).contains("an authority that this Java does not trust", "SSL_CERT_FILE");

        Path pem = Files.writeString(files.resolve("ca.pem"), authority.pem());
        assertThat(new EdgeHttp(terminal(Map.of("SSL_CERT_FILE", pem.toString())))
                        .get(there, Map.of())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void anExpiredCertificateIsSaidToBeExpired() throws Exception {
        URI there = serve(authority.issue(InstantSource.system().instant().minus(Duration.ofHours(1)), "localhost"));
        assertThat(asking(there, trusted())).contains("has expired", "clock");
    }

    @Test
    void aCertificateOfAnotherHostIsSaidToBeSo() throws Exception {
        URI there = serve(authority.issue("elsewhere.example"));
        assertThat(asking(there, trusted())).contains("is for another name");
    }

    @Test
    void aFileThatHoldsNoAuthorityIsNamed() throws Exception {
        Path empty = Files.writeString(files.resolve("empty.pem"), "");
        assertThatThrownBy(() -> new EdgeHttp(terminal(Map.of("SSL_CERT_FILE", empty.toString()))))
                .hasMessage("SSL_CERT_FILE: " + empty + " contains no certificate");
        assertThatThrownBy(() -> new EdgeHttp(
                        terminal(Map.of("SSL_CERT_FILE", files.resolve("no").toString()))))
                .hasMessageContaining("there is no such file");
    }

    @Test
    void aHostThatIsNotAndAPortThatIsShutAreToldApart() {
        assertThat(asking(URI.create("http://gate.invalid/"), Map.of()))
                .isEqualTo("there is no host named gate.invalid");
        assertThat(asking(URI.create("http://127.0.0.1:1/"), Map.of())).isEqualTo("nothing answers at 127.0.0.1:1");
    }

    private static String reading(Path file) throws Exception {
        try {
            return "read: " + Files.readString(file);
        } catch (IOException failed) {
            return Trouble.with(failed);
        }
    }

    private Map<String, String> trusted() throws IOException {
        return Map.of(
                "SSL_CERT_FILE",
                Files.writeString(files.resolve("trusted.pem"), authority.pem()).toString());
    }

    private String asking(URI there, Map<String, String> environment) {
        try {
            return "answered "
                    + new EdgeHttp(terminal(environment)).get(there, Map.of()).statusCode();
        } catch (CommandFailure failure) {
            return String.valueOf(failure.getMessage());
        }
    }

    private Terminal terminal(Map<String, String> environment) {
        return new Terminal(
                new PrintStream(PrintStream.nullOutputStream()),
                new PrintStream(PrintStream.nullOutputStream()),
                InputStream.nullInputStream(),
                environment,
                files,
                InstantSource.system());
    }

    private URI serve(Issued identity) throws IOException {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity.server()));
        server.start();
        return URI.create("https://localhost:" + server.getAddress().getPort() + "/");
    }
}
