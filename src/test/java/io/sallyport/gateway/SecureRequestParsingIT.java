package io.sallyport.gateway;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestAuthority;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Behind TLS, where the guards come in with the handshake. */
class SecureRequestParsingIT extends RequestParsing {
    @BeforeAll
    static void start(@TempDir Path files) {
        TestAuthority authority = new TestAuthority("Test CA");
        Path certificate = files.resolve("tls.crt");
        Path key = files.resolve("tls.key");
        authority.issue("wiki.localhost", "localhost").write(certificate, key);
        Edge edge = Edge.start(
                "sallyport.https.port=0", "sallyport.tls.certificate=" + certificate, "sallyport.tls.key=" + key);
        open(edge, () -> connect(edge, authority));
    }

    private static RawHttp connect(Edge edge, TestAuthority authority) {
        try {
            return RawHttp.secure(edge.httpsPort(), authority.client(), new SSLParameters());
        } catch (SSLException e) {
            throw new UncheckedIOException(e);
        }
    }
}
