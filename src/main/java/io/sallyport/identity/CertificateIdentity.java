package io.sallyport.identity;

/**
 * The holder of a client certificate that was verified for the host it was shown to.
 *
 * @param commonName of its subject; empty when there is none, or more than one
 * @param thumbprint base64url SHA-256 of its DER (RFC 8705 §3.1, {@code x5t#S256}); empty where none was shown, as in rehearsals
 * @param issuer distinguished name of who issued it
 * @param issuerKeyId key identifier of who issued it, in hex; empty when it does not say
 * @param serial in hex
 */
public record CertificateIdentity(
        String commonName, String thumbprint, String issuer, String issuerKeyId, String serial) {
    /** For rehearsals: somebody with a certificate for that name. */
    public static CertificateIdentity named(String commonName) {
        return recorded(commonName, "");
    }

    /** What a decision of then kept of it, which is all that policies look at. */
    public static CertificateIdentity recorded(String commonName, String thumbprint) {
        return new CertificateIdentity(commonName, thumbprint, "", "", "");
    }
}
