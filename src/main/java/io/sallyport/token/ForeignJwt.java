package io.sallyport.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.util.Base64URL;
import io.sallyport.token.IdTokenVerifier.Problem;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The part of verification that is the same for every JWT someone else signed: form, algorithm, key, signature (RFC 8725). */
final class ForeignJwt {
    /** Identity providers put every group into an ID token, and five thousand are more than 64 KiB; no answer read is longer than this. */
    private static final int LONGEST = 256 * 1024;

    private ForeignJwt() {}

    sealed interface Checked {
        record Genuine(Map<String, Object> claims) implements Checked {}

        /** Signed by no key of the set, as far as its key id says. */
        record UnknownKey() implements Checked {}

        record Refused(Problem problem) implements Checked {}
    }

    static Checked check(RemoteKeySet keys, String compact, Set<JWSAlgorithm> algorithms) {
        return check(keys, compact, algorithms, null);
    }

    /** @param type the declared kind a token must be of; null takes those that declare none */
    static Checked check(RemoteKeySet keys, String compact, Set<JWSAlgorithm> algorithms, @Nullable String type) {
        int headerEnd = compact.indexOf('.');
        int payloadEnd = compact.indexOf('.', headerEnd + 1);
        if (compact.length() > LONGEST || headerEnd < 0 || payloadEnd < 0) {
            return new Checked.Refused(Problem.MALFORMED);
        }
        JWSHeader header = header(compact.substring(0, headerEnd), type);
        byte[] payload = StrictBase64.decode(compact.substring(headerEnd + 1, payloadEnd));
        String signature = compact.substring(payloadEnd + 1);
        if (header == null || payload == null || StrictBase64.decode(signature) == null) {
            return new Checked.Refused(Problem.MALFORMED);
        }
        if (!algorithms.contains(header.getAlgorithm())) {
            return new Checked.Refused(Problem.ALGORITHM);
        }
        // Only the kid is looked at: a jku, x5u, jwk or x5c in the header names keys the sender chose (OI-05).
        List<JWSVerifier> verifiers = keys.candidates(header.getAlgorithm(), header.getKeyID());
        if (verifiers.isEmpty()) {
            return new Checked.UnknownKey();
        }
        byte[] signingInput = compact.substring(0, payloadEnd).getBytes(StandardCharsets.US_ASCII);
        if (verifiers.stream().noneMatch(verifier -> verifies(verifier, header, signingInput, signature))) {
            return header.getKeyID() == null ? new Checked.UnknownKey() : new Checked.Refused(Problem.SIGNATURE);
        }
        Map<String, Object> claims = SafeJson.object(payload);
        return claims == null ? new Checked.Refused(Problem.MALFORMED) : new Checked.Genuine(claims);
    }

    /** Null for JWE, for {@code alg: none}, for a JWT of another declared kind (RFC 8725 §3.11) and for junk. */
    private static @Nullable JWSHeader header(String segment, @Nullable String wanted) {
        byte[] utf8 = StrictBase64.decode(segment);
        Map<String, Object> json = utf8 == null ? null : SafeJson.object(utf8);
        String declared = json != null && json.get("typ") instanceof String type
                ? type.toLowerCase(Locale.ROOT).replaceFirst("^application/", "")
                : "";
        if (json == null || (wanted == null ? declared.endsWith("+jwt") : !declared.equals(wanted))) {
            return null;
        }
        try {
            return JWSHeader.parse(json, new Base64URL(segment));
        } catch (ParseException | RuntimeException e) {
            return null;
        }
    }

    private static boolean verifies(JWSVerifier verifier, JWSHeader header, byte[] signingInput, String signature) {
        try {
            return verifier.verify(header, signingInput, new Base64URL(signature));
        } catch (JOSEException | RuntimeException e) {
            return false;
        }
    }

    /** A NumericDate (RFC 7519 §2), null when the claim is absent or no sensible one. */
    static @Nullable Instant instant(Map<String, Object> claims, String name) {
        try {
            return claims.get(name) instanceof Number seconds ? Instant.ofEpochSecond(seconds.longValue()) : null;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
