package io.sallyport.connector;

import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS to the edge over either transport: which certificates the connector trusts (TU-01). */
final class EdgeTls {
    /** Null for the system's roots. */
    private final @Nullable TrustManagerFactory trusted;

    private @Nullable SslContext tcp;

    /** @throws InvalidConfiguration when the edge's authority cannot be read */
    EdgeTls(ConnectorSettings settings) {
        String told = settings.credentials().edge().authority();
        this.trusted = settings.edgeCa()
                .map(pem -> OriginTls.trusting(pem, false))
                .orElseGet(() -> told.isEmpty() ? null : OriginTls.trusting(told));
    }

    /**
     * For TCP, with BoringSSL where there is a build for this machine. Created on first use: a connector that only uses
     * QUIC never loads it.
     */
    synchronized SslContext tcp() {
        SslContext known = tcp;
        if (known == null) {
            try {
                SslContextBuilder builder = SslContextBuilder.forClient()
                        .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                        .protocols("TLSv1.3", "TLSv1.2");
                if (trusted != null) {
                    builder.trustManager(trusted);
                }
                known = builder.endpointIdentificationAlgorithm("HTTPS").build();
                tcp = known;
            } catch (SSLException e) {
                throw new InvalidConfiguration("TLS to the edge cannot be set up: " + e.getMessage());
            }
        }
        return known;
    }

    /** For UDP. */
    QuicSslContext udp() {
        QuicSslContextBuilder builder = QuicSslContextBuilder.forClient()
                .applicationProtocols(QuicTransport.ALPN)
                .endpointIdentificationAlgorithm("HTTPS");
        if (trusted != null) {
            builder.trustManager(trusted);
        }
        return builder.build();
    }
}
