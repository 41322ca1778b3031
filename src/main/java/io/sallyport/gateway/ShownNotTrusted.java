package io.sallyport.gateway;

import io.sallyport.mtls.Authority;
import io.sallyport.mtls.Demand;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets a handshake end with any client chain. The handshake itself proves that the client has the key; whom the chain makes them is
 * decided by {@link io.sallyport.mtls.ClientCertificates}, at every request and against the authorities of that moment, and until
 * then it makes them nobody.
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
        // Judged later; see above.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        // Judged later; see above.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        // Judged later; see above.
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
