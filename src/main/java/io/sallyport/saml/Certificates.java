package io.sallyport.saml;

import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/**
 * Reads the certificates admins paste, with or without PEM armour and line breaks. They are a way to write a key down: the admin
 * vouches for it, so neither their issuer nor their end is looked at.
 */
public final class Certificates {
    private static final int SMALLEST_RSA = 2048;
    private static final int SMALLEST_EC = 256;

    private Certificates() {}

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static X509Certificate parse(String text) {
        String base64 = text.replaceAll("-----(BEGIN|END) CERTIFICATE-----", "").replaceAll("\\s+", "");
        X509Certificate certificate;
        try {
            byte[] der = Base64.getDecoder().decode(base64);
            certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (IllegalArgumentException | CertificateException e) {
            throw new IllegalArgumentException("must be an X.509 certificate in PEM or base64", e);
        }
        if (!strong(certificate.getPublicKey())) {
            throw new IllegalArgumentException(
                    "must hold an RSA key of at least 2048 bits or an elliptic-curve key of at least 256");
        }
        return certificate;
    }

    static boolean strong(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= SMALLEST_RSA;
            case ECPublicKey curve -> curve.getParams().getOrder().bitLength() >= SMALLEST_EC;
            default -> false;
        };
    }
}
