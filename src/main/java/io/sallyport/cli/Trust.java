package io.sallyport.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate authorities that commands trust: the JDK's, or only those in the PEM file that {@code SSL_CERT_FILE} names, as with
 * curl and cloudflared.
 */
final class Trust {
    static final String VARIABLE = "SSL_CERT_FILE";

    private Trust() {}

    /** An HTTP client that trusts them. */
    static HttpClient.Builder client(Terminal terminal) {
        HttpClient.Builder builder = HttpClient.newBuilder();
        authorities(terminal).ifPresent(trusted -> builder.sslContext(context(trusted)));
        return builder;
    }

    /** The authorities of the file; empty when none is named. */
    static Optional<TrustManagerFactory> authorities(Terminal terminal) {
        return terminal.variable(VARIABLE).map(Path::of).map(Trust::read);
    }

    private static TrustManagerFactory read(Path pem) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(pem))) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new CommandFailure(VARIABLE + ": " + pem + " contains no certificate");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate each : found) {
                store.setCertificateEntry("authority-" + number++, each);
            }
            TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(store);
            return trusted;
        } catch (CertificateException e) {
            throw new CommandFailure(VARIABLE + ": " + pem + " contains something that is not a certificate", e);
        } catch (IOException e) {
            throw new CommandFailure(VARIABLE + ": cannot read " + pem + ": " + Trouble.with(e), e);
        } catch (GeneralSecurityException e) {
            throw new CommandFailure("this Java cannot store certificates: " + e.getMessage(), e);
        }
    }

    private static SSLContext context(TrustManagerFactory trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new CommandFailure("this Java has no TLS: " + e.getMessage(), e);
        }
    }
}
