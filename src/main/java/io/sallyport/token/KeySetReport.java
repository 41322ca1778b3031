package io.sallyport.token;

import com.nimbusds.jose.JWSAlgorithm;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a published JWK set is worth to us, for the admin who wonders why logins fail.
 *
 * @param listed keys in the document
 * @param usable those that could verify an ID token: RSA of 2048 bits or more, or elliptic curve, for signatures
 */
public record KeySetReport(int listed, int usable) {
    /** Reads a document; empty when it is no JWK set. */
    public static Optional<KeySetReport> of(String document) {
        Map<String, Object> json = SafeJson.object(document);
        Optional<RemoteKeySet> keys = RemoteKeySet.parse(document);
        return json != null && keys.isPresent() && json.get("keys") instanceof List<?> all
                ? Optional.of(new KeySetReport(all.size(), keys.get().size()))
                : Optional.empty();
    }

    /** Whether any of these algorithm names is one that ID tokens may be signed with. */
    public static boolean anyAccepted(List<String> algorithms) {
        return algorithms.stream().map(JWSAlgorithm::parse).anyMatch(IdTokenVerifier.ALGORITHMS::contains);
    }
}
