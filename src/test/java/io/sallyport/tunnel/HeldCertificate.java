package io.sallyport.tunnel;

import io.sallyport.testkit.TrustEverybody;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/** Somebody with a certificate that is as good as any replica's. */
final class HeldCertificate {
    private HeldCertificate() {}

    /** TLS that shows a new one, to whoever listens. */
    static SSLContext fresh(SharedAuthority authority) throws GeneralSecurityException, IOException {
        SharedAuthority.Identity identity = authority.issue(
                List.of(ReplicaTls.name(UUID.randomUUID())),
                InstantSource.system().instant(),
                Duration.ofDays(1),
                KeyPurposeId.id_kp_serverAuth,
                KeyPurposeId.id_kp_clientAuth);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("me", identity.key(), new char[0], identity.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(managers.getKeyManagers(), TrustEverybody.MANAGERS, new SecureRandom());
        return context;
    }
}
