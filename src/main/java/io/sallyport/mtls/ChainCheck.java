package io.sallyport.mtls;

import io.sallyport.mtls.Verdict.Why;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the path from a certificate to an authority of the host (RFC 5280 §6), through intermediates that the client
 * sent. The JDK builds the path. The JDK does not check trust anchors themselves, but an uploaded authority is a
 * certificate with limits of its own, so its validity, path length, name constraints and key usages are checked here.
 */
final class ChainCheck {
    private static final int MOST_INTERMEDIATES = 4;

    private ChainCheck() {}

    /**
     * A path.
     *
     * @param certificates the client's first, the authority's own not among them
     */
    record Path(List<X509Certificate> certificates, Authority authority) {
        /** Who issued the certificate at that place. */
        X509Certificate issuerOf(int place) {
            return place + 1 < certificates.size() ? certificates.get(place + 1) : authority.certificate();
        }

        /** The moment from which not all of it is in time any more. */
        Instant until() {
            return Stream.concat(certificates.stream(), Stream.of(authority.certificate()))
                    .map(each -> each.getNotAfter().toInstant())
                    .min(Instant::compareTo)
                    .orElseThrow();
        }
    }

    /** Why there is no path. */
    static final class Refusal extends Exception {
        private final Why why;

        Refusal(Why why, @Nullable Throwable cause) {
            super(why.word(), cause);
            this.why = why;
        }

        Why why() {
            return why;
        }
    }

    static Path check(Demand demand, List<X509Certificate> shown, Instant now) throws Refusal {
        X509Certificate leaf = shown.getFirst();
        inTime(leaf, now);
        if (leaf.getBasicConstraints() >= 0) {
            throw new Refusal(Why.WRONG_PURPOSE, null);
        }
        boolean[] usage = leaf.getKeyUsage();
        if (!hasPurpose(leaf, false) || (usage != null && !usage[KeyUsage.SIGNS_DATA])) {
            throw new Refusal(Why.WRONG_PURPOSE, null);
        }
        List<Authority> anchors = demand.authorities().stream()
                .filter(authority -> isInTime(authority.certificate(), now))
                .toList();
        if (anchors.isEmpty()) {
            throw new Refusal(Why.UNTRUSTED, null);
        }
        Path path = build(anchors, leaf, shown, now);
        withinLimits(path);
        return path;
    }

    private static Path build(List<Authority> anchors, X509Certificate leaf, List<X509Certificate> shown, Instant now)
            throws Refusal {
        try {
            Set<TrustAnchor> trusted = new HashSet<>();
            for (Authority each : anchors) {
                trusted.add(new TrustAnchor(each.certificate(), null));
            }
            X509CertSelector target = new X509CertSelector();
            target.setCertificate(leaf);
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(trusted, target);
            parameters.setDate(Date.from(now));
            parameters.setMaxPathLength(MOST_INTERMEDIATES);
            parameters.setRevocationEnabled(false); // RevocationCheck asks about each link
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(shown)));
            PKIXCertPathBuilderResult result = (PKIXCertPathBuilderResult)
                    CertPathBuilder.getInstance("PKIX").build(parameters);
            List<X509Certificate> certificates = new ArrayList<>();
            result.getCertPath().getCertificates().forEach(each -> certificates.add((X509Certificate) each));
            X509Certificate root = result.getTrustAnchor().getTrustedCert();
            return new Path(
                    Collections.unmodifiableList(certificates),
                    anchors.stream()
                            .filter(each -> each.certificate().equals(root))
                            .findFirst()
                            .orElseThrow());
        } catch (CertPathBuilderException | IllegalArgumentException none) {
            throw new Refusal(Why.UNTRUSTED, none);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK builds PKIX paths", e);
        }
    }

    private static void withinLimits(Path path) throws Refusal {
        List<X509Certificate> intermediates =
                path.certificates().subList(1, path.certificates().size());
        int longest = path.authority().certificate().getBasicConstraints();
        long counted = intermediates.stream()
                .filter(each -> !each.getSubjectX500Principal().equals(each.getIssuerX500Principal()))
                .count();
        if (counted > longest
                || !hasPurpose(path.authority().certificate(), true)
                || !AnchorNames.permit(path.authority().certificate(), path.certificates())) {
            throw new Refusal(Why.UNTRUSTED, null);
        }
        for (X509Certificate each : intermediates) {
            if (!hasPurpose(each, true)) {
                throw new Refusal(Why.UNTRUSTED, null);
            }
        }
    }

    /** A client's certificate must name the purpose; an authority without a list of purposes serves all of them. */
    private static boolean hasPurpose(X509Certificate certificate, boolean authority) {
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            if (purposes == null) {
                return authority;
            }
            return purposes.contains(KeyUsage.CLIENT_AUTHENTICATION)
                    || (authority && purposes.contains(KeyUsage.ANY_PURPOSE));
        } catch (CertificateException unreadable) {
            return false;
        }
    }

    private static void inTime(X509Certificate certificate, Instant now) throws Refusal {
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw new Refusal(Why.NOT_YET_VALID, null);
        }
        if (now.isAfter(certificate.getNotAfter().toInstant())) {
            throw new Refusal(Why.EXPIRED, null);
        }
    }

    private static boolean isInTime(X509Certificate certificate, Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant());
    }
}
