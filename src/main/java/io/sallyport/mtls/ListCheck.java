package io.sallyport.mtls;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * Checks a certificate against cached revocation lists. The JDK verifies it with these lists only: their signatures,
 * times and scopes (RFC 5280 §6.3). This deliberately uses {@code revocationEnabled} of {@link PKIXParameters}: a
 * {@code PKIXRevocationChecker} would itself fetch lists, blocking, from any address in a certificate.
 */
final class ListCheck {
    private ListCheck() {}

    /** What they say. */
    enum Standing {
        COVERED,
        REVOKED,
        UNDETERMINED
    }

    /**
     * What they say together; a single one that says "revoked" is believed. That one has to be found separately, because the JDK leaves
     * out a list whose reasons another list covers already, whichever of them it happens to look at first.
     */
    static Standing ask(X509Certificate certificate, X509Certificate issuer, List<X509CRL> known, Instant now) {
        boolean isOnOne =
                known.stream().anyMatch(one -> validate(certificate, issuer, List.of(one), now) == Standing.REVOKED);
        return isOnOne ? Standing.REVOKED : validate(certificate, issuer, known, now);
    }

    private static Standing validate(
            X509Certificate certificate, X509Certificate issuer, List<X509CRL> known, Instant now) {
        if (known.isEmpty()) {
            return Standing.UNDETERMINED;
        }
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
            parameters.setDate(Date.from(now));
            parameters.setRevocationEnabled(true);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
            CertPathValidator.getInstance("PKIX")
                    .validate(Pem.factory().generateCertPath(List.of(certificate)), parameters);
            return Standing.COVERED;
        } catch (CertPathValidatorException e) {
            return e.getReason() == BasicReason.REVOKED || isOnOldList(certificate, issuer, known)
                    ? Standing.REVOKED
                    : Standing.UNDETERMINED;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK validates PKIX paths", e);
        }
    }

    /** When the first of those that still count grows old. */
    static Instant ends(List<X509CRL> known, Instant now) {
        return known.stream()
                .map(RevocationLists::ends)
                .filter(end -> end.isAfter(now))
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
    }

    /**
     * Whether the certificate is on an expired list. Such a list does not prove that others are good, but certificates
     * on it stay revoked.
     */
    private static boolean isOnOldList(X509Certificate certificate, X509Certificate issuer, List<X509CRL> known) {
        return known.stream()
                .anyMatch(list -> list.isRevoked(certificate)
                        && list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
                        && isSignedBy(list, issuer));
    }

    private static boolean isSignedBy(X509CRL list, X509Certificate issuer) {
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException notOfTheIssuer) {
            return false;
        }
    }
}
