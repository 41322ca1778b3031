package io.sallyport.mtls;

import io.sallyport.identity.CertificateIdentity;
import java.security.cert.X509Certificate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What became of the certificate of a request. */
public sealed interface Verdict {
    /** None was shown, or the host asks for none. */
    record None() implements Verdict {}

    /** It leads to an authority of the host, is in time, for this purpose and not revoked. */
    record Verified(CertificateIdentity identity, X509Certificate certificate) implements Verdict {}

    /** The certificate is not accepted: the request continues as if there were none. */
    record Refused(Why why) implements Verdict {}

    /** Why a certificate does not count; for the log and for metrics. */
    enum Why {
        /** No certificate could be read. */
        UNREADABLE,
        EXPIRED,
        NOT_YET_VALID,
        /** No path within all constraints leads to an authority of this host. */
        UNTRUSTED,
        /** {@code extKeyUsage} does not name client authentication, or {@code keyUsage} forbids signing. */
        WRONG_PURPOSE,
        REVOKED,
        /** Nobody could say whether it was revoked, and the authority's setting wants to know. */
        REVOCATION_UNKNOWN;

        /** A stable lower-case word. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The verified holder; null when there is none. */
    default @Nullable CertificateIdentity holder() {
        return this instanceof Verified verified ? verified.identity() : null;
    }
}
