package io.sallyport.gateway;

import io.sallyport.mtls.Authority;
import io.sallyport.mtls.Demand;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Accepts any client certificate chain in the handshake, which proves that the client has the key. Whether the chain is
 * trusted is decided by {@link io.sallyport.mtls.ClientCertificates} at every request, by the authorities configured at
 * that moment; before that it proves no identity.
 */
final class ShownNotTrusted extends X509ExtendedTrustManager {
    private final X509Certificate[] authorities;

    /** @param demand whose authorities the client is told, so that it knows which certificate to show */
    ShownNotTrusted(Demand demand) {
        this.authorities =
                demand.authorities().stream().map(Authority::certificate).toArray(X509Certificate[]::new);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.clone();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
        // Judged later: see the class comment.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        // Judged later: see the class comment.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        // Judged later: see the class comment.
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw noServers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw noServers();
    }

    private static CertificateException noServers() {
        return new CertificateException("the listener calls no servers");
    }
}
