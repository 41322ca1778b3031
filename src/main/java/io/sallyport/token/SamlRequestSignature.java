package io.sallyport.token;

import java.time.Instant;
import java.util.List;

/**
 * Signs SAML requests with the key that signs tokens, which is the one published at the certs endpoint. Only what begins like a
 * SAML request is signed, so that no caller can ever be talked into signing a token here (JW-04).
 */
public final class SamlRequestSignature {
    private static final List<String> BEGINNINGS = List.of("SAMLRequest=", "<ds:SignedInfo ");

    private SamlRequestSignature() {}

    /**
     * RSA with SHA-256 over the text, as both SAML bindings want it.
     *
     * @throws IllegalArgumentException when the text is no part of a SAML request
     */
    public static byte[] sign(KeyRing keys, String ascii, Instant now) {
        if (BEGINNINGS.stream().noneMatch(ascii::startsWith)) {
            throw new IllegalArgumentException("not a SAML request");
        }
        byte[] signature = StrictBase64.decode(keys.signing(now).published().sign(ascii));
        if (signature == null) {
            throw new IllegalStateException("a signature is not base64url");
        }
        return signature;
    }

    /** PEM certificates of the keys whose signatures are to be expected, the present one first. */
    public static List<String> certificates(KeyRing keys, Instant now) {
        return keys.published(now).stream()
                .map(entry -> entry.key().certificatePem())
                .toList();
    }
}
