package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.sallyport.http.HostName;
import io.sallyport.mtls.Demand;
import io.sallyport.mtls.ForwardedCertificate;
import io.sallyport.mtls.Shown;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServerRequest;

/**
 * The client certificate of a request. From a trusted proxy only the header with the certificate it verified counts,
 * never the proxy's own certificate; from all other clients only the certificate of their connection counts.
 *
 * @param direct whether the client's own TLS connection ends here
 * @param asked whether this connection's handshake asked for a certificate
 * @param serverName the host it was opened for; null when the client did not say
 */
record ClientTls(boolean direct, boolean asked, @Nullable String serverName, Shown shown) {
    private static final AttributeKey<Shown> SHOWN = AttributeKey.valueOf(ClientTls.class, "shown");
    private static final ClientTls PLAIN = new ClientTls(false, false, null, Shown.NOTHING);

    /** @param header the one listed proxies write certificates to; null when there is none */
    static ClientTls of(HttpServerRequest raw, boolean listedProxy, @Nullable String header, HttpHeaders headers) {
        if (listedProxy) {
            return header == null
                    ? PLAIN
                    : new ClientTls(false, false, null, ForwardedCertificate.read(header, headers::getAll));
        }
        AtomicReference<@Nullable Channel> found = new AtomicReference<>();
        raw.withConnection(connection -> found.set(connection.channel()));
        // An HTTP/2 stream's parent is its connection; a connection's is the listener.
        for (Channel each = found.get(); each != null; each = each.parent()) {
            SslHandler tls = each.pipeline().get(SslHandler.class);
            if (tls != null) {
                return of(each, tls.engine());
            }
        }
        return PLAIN;
    }

    private static ClientTls of(Channel carrier, SSLEngine engine) {
        if (!engine.getWantClientAuth()) {
            return new ClientTls(true, false, null, Shown.NOTHING);
        }
        SSLSession session = engine.getSession();
        Shown shown = carrier.attr(SHOWN).get();
        if (shown == null) {
            shown = shown(session);
            carrier.attr(SHOWN).set(shown);
        }
        return new ClientTls(true, true, serverName(session), shown);
    }

    private static Shown shown(SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (var each : session.getPeerCertificates()) {
                chain.add((X509Certificate) each);
            }
            return Shown.of(chain);
        } catch (SSLPeerUnverifiedException none) {
            return Shown.NOTHING;
        }
    }

    private static @Nullable String serverName(SSLSession session) {
        if (session instanceof ExtendedSSLSession extended) {
            for (SNIServerName name : extended.getRequestedServerNames()) {
                if (name.getType() == StandardConstants.SNI_HOST_NAME && name instanceof SNIHostName host) {
                    return host.getAsciiName().toLowerCase(Locale.ROOT);
                }
            }
        }
        return null;
    }

    /**
     * Whether the connection was opened under other terms than the host has: it asks for a certificate and the connection did not
     * ask on its behalf, or the other way round (PN-09, RFC 9110 §15.5.20).
     */
    boolean misdirected(HostName host, @Nullable Demand demand) {
        return direct && (demand == null ? asked : !asked || !host.value().equals(serverName));
    }
}
