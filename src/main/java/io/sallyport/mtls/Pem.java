package io.sallyport.mtls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses PEM that admins upload. Error messages are phrased so that they can follow the field's name. */
public final class Pem {
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");
    private static final Pattern LIST =
            Pattern.compile("-----BEGIN X509 CRL-----([A-Za-z0-9+/=\\s]+)-----END X509 CRL-----");

    private Pem() {}

    /** The uploaded text is not what the field requires. */
    public static final class Unusable extends Exception {
        private Unusable(String message) {
            super(message);
        }
    }

    /** The one certificate of an authority. */
    public static X509Certificate authority(String pem) throws Unusable {
        X509Certificate certificate;
        try {
            certificate = certificate(only(CERTIFICATE, pem, "X.509 certificate"));
        } catch (CertificateException e) {
            throw new Unusable("must be an X.509 certificate in PEM");
        }
        boolean[] usage = certificate.getKeyUsage();
        if (certificate.getBasicConstraints() < 0) {
            throw new Unusable("is no authority's: basicConstraints does not say CA");
        }
        if (usage != null && !usage[KeyUsage.SIGNS_CERTIFICATES]) {
            throw new Unusable("is no authority's: keyUsage does not allow it to sign certificates");
        }
        return certificate;
    }

    /** The one revocation list. */
    public static X509CRL list(String pem) throws Unusable {
        try {
            return list(only(LIST, pem, "X.509 revocation list"));
        } catch (CRLException e) {
            throw new Unusable("must be an X.509 revocation list in PEM");
        }
    }

    static X509Certificate certificate(byte[] der) throws CertificateException {
        return (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(der));
    }

    static X509CRL list(byte[] der) throws CRLException {
        return (X509CRL) factory().generateCRL(new ByteArrayInputStream(der));
    }

    static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (CertificateException e) {
            throw new IllegalStateException("every JDK reads X.509", e);
        }
    }

    private static byte[] only(Pattern block, String pem, String what) throws Unusable {
        Matcher blocks = block.matcher(pem);
        if (!blocks.find()) {
            throw new Unusable("must be an " + what + " in PEM");
        }
        String body = blocks.group(1);
        if (blocks.find()) {
            throw new Unusable("must be one " + what + "; upload each by itself");
        }
        try {
            return Base64.getMimeDecoder().decode(body.getBytes(StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new Unusable("must be an " + what + " in PEM");
        }
    }
}
