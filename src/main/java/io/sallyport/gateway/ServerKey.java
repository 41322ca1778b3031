package io.sallyport.gateway;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.sallyport.mtls.Demand;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * The TLS listener's key and certificate, with two kinds of TLS context: one for ordinary hosts, and one for hosts that
 * ask for a client certificate.
 */
final class ServerKey {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final ApplicationProtocolConfig ALPN = new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            List.of("h2", "http/1.1"));
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SslContext open;
    private final KeyManager[] managers;
    private final Instant end;

    /** @param chain leaf first */
    ServerKey(PrivateKey key, X509Certificate... chain) throws GeneralSecurityException, IOException {
        this.open = SslContextBuilder.forServer(key, chain)
                .sslProvider(SslProvider.JDK)
                .protocols(PROTOCOLS)
                .applicationProtocolConfig(ALPN)
                .build();
        this.managers = managers(key, chain);
        this.end = chain[0].getNotAfter().toInstant();
    }

    /** When the certificate expires. */
    Instant end() {
        return end;
    }

    /** The context for hosts that do not ask for a client certificate. */
    SslContext open() {
        return open;
    }

    /**
     * For one connection to a host that asks for a certificate. It asks and does not insist, and takes whatever chain is shown with
     * proof of its key: {@code mtls.ClientCertificates} judges it at each request, where a refusal can be explained.
     *
     * <p>Each connection has a context of its own: a session or ticket of one means nothing to any other, so nothing is ever resumed
     * into, or out of, a connection with a client certificate (PN-09).
     */
    SslContext asking(Demand demand) {
        try {
            SSLContext once = SSLContext.getInstance("TLS");
            once.init(managers, new TrustManager[] {new ShownNotTrusted(demand)}, RANDOM);
            return new JdkSslContext(
                    once,
                    false,
                    null,
                    SupportedCipherSuiteFilter.INSTANCE,
                    ALPN,
                    ClientAuth.OPTIONAL,
                    PROTOCOLS.clone(),
                    false);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK speaks TLS", e);
        }
    }

    private static KeyManager[] managers(PrivateKey key, X509Certificate... chain)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("listener", key, new char[0], chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }
}
