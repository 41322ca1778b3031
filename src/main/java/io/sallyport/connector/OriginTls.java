package io.sallyport.connector;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * TLS to origins: which certificates the connector trusts, namely those of the system's roots and the rule's, unless
 * the rule switches verification off (TU-09).
 */
final class OriginTls {
    private OriginTls() {}

    /**
     * For one rule.
     *
     * @param http2 whether the origin may choose HTTP/2
     * @throws InvalidConfiguration when the rule's roots cannot be read
     */
    static SslContext context(OriginSettings settings, boolean http2) {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            if (settings.noTlsVerify()) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (!settings.caPool().isEmpty()) {
                builder.trustManager(trusting(Path.of(settings.caPool()), true));
            }
            if (http2) {
                builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2,
                        ApplicationProtocolNames.HTTP_1_1));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new InvalidConfiguration("TLS to the origin cannot be set up: " + e.getMessage());
        }
    }

    /**
     * Trusts the certificates of a PEM file.
     *
     * @param besides whether the system's roots are trusted as well
     * @throws InvalidConfiguration when the file contains none
     */
    static TrustManagerFactory trusting(Path pem, boolean besides) {
        try (InputStream in = Files.newInputStream(pem)) {
            return trusting(in, pem.toString(), besides);
        } catch (IOException e) {
            throw unreadable(pem.toString(), e);
        }
    }

    /**
     * Trusts only the edge's authority that came with a tunnel's credentials.
     *
     * @throws InvalidConfiguration when it is not a certificate
     */
    static TrustManagerFactory trusting(String pem) {
        return trusting(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)), "the tunnel's credentials", false);
    }

    private static TrustManagerFactory trusting(InputStream in, String where, boolean besides) {
        try {
            Collection<? extends Certificate> own =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (own.isEmpty()) {
                throw new InvalidConfiguration(where + " contains no certificate");
            }
            KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            int number = 0;
            for (Certificate certificate : own) {
                roots.setCertificateEntry("own-" + number++, certificate);
            }
            if (besides) {
                for (X509Certificate certificate : systemRoots()) {
                    roots.setCertificateEntry("system-" + number++, certificate);
                }
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(roots);
            return factory;
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(where, e);
        }
    }

    private static InvalidConfiguration unreadable(String where, Exception why) {
        return new InvalidConfiguration("cannot read the certificates in " + where + ": "
                + why.getClass().getSimpleName());
    }

    private static X509Certificate[] systemRoots() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager system) {
                return system.getAcceptedIssuers();
            }
        }
        return new X509Certificate[0];
    }
}
