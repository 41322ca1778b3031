package io.sallyport.mtls;

import io.sallyport.mtls.ChainCheck.Path;
import java.net.URI;
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
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a certificate of a path was revoked. The JDK judges each link by itself, with the lists at hand and no others: it checks
 * their signatures, times and scopes (RFC 5280 §6.3). It is the plain {@code revocationEnabled} of {@link PKIXParameters} on purpose:
 * a {@code PKIXRevocationChecker} would fetch lists itself, blocking, from wherever a certificate says.
 */
final class RevocationCheck {
    private final RevocationLists lists;

    RevocationCheck(RevocationLists lists) {
        this.lists = lists;
    }

    /** What came out. */
    sealed interface Answer {
        /** @param until when a list that was needed grows old */
        record Good(Instant until) implements Answer {}

        record Revoked() implements Answer {}

        record Unknown() implements Answer {}

        /** These would have to be fetched first. */
        record Needs(Set<URI> addresses) implements Answer {}
    }

    /** One link's standing. */
    private enum Link {
        COVERED,
        REVOKED,
        UNDETERMINED
    }

    /** Memory and arithmetic only. */
    Answer check(Path path, Instant now) {
        Revocation setting = path.authority().revocation();
        if (setting == Revocation.OFF) {
            return new Answer.Good(Instant.MAX);
        }
        Instant until = Instant.MAX;
        Set<URI> missing = new LinkedHashSet<>();
        boolean unknown = false;
        for (int i = 0; i < path.certificates().size(); i++) {
            X509Certificate certificate = path.certificates().get(i);
            X509Certificate issuer = path.issuerOf(i);
            List<URI> addresses = DistributionPoints.of(certificate);
            X509CRL uploaded = issuer.equals(path.authority().certificate())
                    ? path.authority().list()
                    : null;
            List<X509CRL> known = new ArrayList<>();
            addresses.forEach(address -> lists.at(address).ifPresent(known::add));
            if (uploaded != null) {
                known.add(uploaded);
            }
            Link link = known.isEmpty() ? Link.UNDETERMINED : ask(certificate, issuer, known, now);
            if (link == Link.REVOKED || (link == Link.UNDETERMINED && isOnOldList(certificate, issuer, known))) {
                return new Answer.Revoked();
            }
            if (link == Link.COVERED) {
                until = known.stream()
                        .map(RevocationLists::ends)
                        .filter(end -> end.isAfter(now))
                        .min(Instant::compareTo)
                        .filter(until::isAfter)
                        .orElse(until);
                continue;
            }
            addresses.stream()
                    .filter(address -> lists.worthFetching(address, now))
                    .forEach(missing::add);
            boolean named = !addresses.isEmpty() || uploaded != null;
            unknown |= setting == Revocation.REQUIRED || (setting == Revocation.NAMED && named);
        }
        if (!missing.isEmpty()) {
            return new Answer.Needs(missing);
        }
        return unknown ? new Answer.Unknown() : new Answer.Good(until);
    }

    private static Link ask(X509Certificate certificate, X509Certificate issuer, List<X509CRL> known, Instant now) {
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
            parameters.setDate(Date.from(now));
            parameters.setRevocationEnabled(true);
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known)));
            CertPathValidator.getInstance("PKIX")
                    .validate(Pem.factory().generateCertPath(List.of(certificate)), parameters);
            return Link.COVERED;
        } catch (CertPathValidatorException e) {
            return e.getReason() == BasicReason.REVOKED ? Link.REVOKED : Link.UNDETERMINED;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK validates PKIX paths", e);
        }
    }

    /** A list past its time no longer says who is good, but whom it names stays revoked. */
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
