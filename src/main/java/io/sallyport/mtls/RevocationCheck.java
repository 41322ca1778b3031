package io.sallyport.mtls;

import io.sallyport.mtls.ChainCheck.Path;
import io.sallyport.mtls.Responders.Subject;
import java.net.URI;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks each certificate of a path for revocation. Any source that says "revoked" is believed; for "good" one current
 * answer is enough: that of the certificate's responder, which is fresher, or else that of a list.
 */
final class RevocationCheck {
    private final RevocationLists lists;
    private final Responders responders;

    RevocationCheck(RevocationLists lists, Responders responders) {
        this.lists = lists;
        this.responders = responders;
    }

    /** What came out. */
    sealed interface Answer {
        /** @param until when an answer that was needed grows old */
        record Good(Instant until) implements Answer {}

        record Revoked() implements Answer {}

        record Unknown() implements Answer {}

        /**
         * First these would have to be fetched and asked.
         *
         * @param asked certificates with the addresses of their responders
         */
        record Needs(Set<URI> lists, Map<Subject, List<URI>> asked) implements Answer {}
    }

    /** Uses cached answers only; old ones are renewed in the background. */
    Answer check(Path path, Instant now) {
        Revocation setting = path.authority().revocation();
        if (setting == Revocation.OFF) {
            return new Answer.Good(Instant.MAX);
        }
        Instant until = Instant.MAX;
        Set<URI> missing = new LinkedHashSet<>();
        Map<Subject, List<URI>> unasked = new LinkedHashMap<>();
        boolean unknown = false;
        for (int i = 0; i < path.certificates().size(); i++) {
            Subject subject = new Subject(path.certificates().get(i), path.issuerOf(i));
            List<URI> answering = ResponderAddresses.of(subject.certificate());
            Responders.Status told = responders.about(subject, now);
            responders.renewWhenDue(subject, answering, now);
            List<URI> listed = DistributionPoints.of(subject.certificate());
            List<X509CRL> known = known(path, subject.issuer(), listed);
            ListCheck.Standing standing = ListCheck.ask(subject.certificate(), subject.issuer(), known, now);
            if (told == Responders.Status.REVOKED || standing == ListCheck.Standing.REVOKED) {
                return new Answer.Revoked();
            }
            if (responders.worthAsking(subject, answering, now)) {
                unasked.put(subject, answering);
            } else if (told == Responders.Status.GOOD) {
                until = earlier(until, responders.goodUntil(subject));
            } else if (standing == ListCheck.Standing.COVERED) {
                until = earlier(until, ListCheck.ends(known, now));
            } else {
                listed.stream()
                        .filter(address -> lists.worthFetching(address, now))
                        .forEach(missing::add);
                boolean named = !answering.isEmpty() || !listed.isEmpty() || isUploaded(path, subject.issuer());
                unknown |= setting == Revocation.REQUIRED || (setting == Revocation.NAMED && named);
            }
        }
        if (!missing.isEmpty() || !unasked.isEmpty()) {
            return new Answer.Needs(missing, unasked);
        }
        return unknown ? new Answer.Unknown() : new Answer.Good(until);
    }

    private List<X509CRL> known(Path path, X509Certificate issuer, List<URI> addresses) {
        List<X509CRL> known = new ArrayList<>();
        addresses.forEach(address -> lists.at(address).ifPresent(known::add));
        X509CRL uploaded = path.authority().list();
        if (uploaded != null && isUploaded(path, issuer)) {
            known.add(uploaded);
        }
        return known;
    }

    /** Whether an admin uploaded the list of that issuer. */
    private static boolean isUploaded(Path path, X509Certificate issuer) {
        return path.authority().list() != null && issuer.equals(path.authority().certificate());
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
