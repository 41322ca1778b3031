package io.sallyport.gateway;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestAuthority;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * An edge and one of its listeners, for tests that run at each of them.
 *
 * @param scheme of what is behind it
 * @param connect opens a connection
 */
record Door(Edge edge, String scheme, Supplier<RawHttp> connect) {
    static Door plain() {
        Edge edge = Edge.start();
        return new Door(edge, "http", () -> RawHttp.connect(edge.port()));
    }

    /** @param files where the listener's certificate and key are written */
    static Door secure(Path files) {
        TestAuthority authority = new TestAuthority("Test CA");
        Path certificate = files.resolve("tls.crt");
        Path key = files.resolve("tls.key");
        authority.issue("localhost").write(certificate, key);
        Edge edge = Edge.start(
                "sallyport.https.port=0", "sallyport.tls.certificate=" + certificate, "sallyport.tls.key=" + key);
        SSLContext client = authority.client(); // one for all, so that all but the first handshake resume
        return new Door(edge, "https", () -> connect(edge, client));
    }

    private static RawHttp connect(Edge edge, SSLContext client) {
        try {
            return RawHttp.secure(edge.httpsPort(), client, new SSLParameters());
        } catch (SSLException e) {
            throw new UncheckedIOException(e);
        }
    }
}
