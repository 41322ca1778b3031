package io.sallyport.saml;

/** Why a response counts for nothing: for the log and the admin. Visitors get one text for all but the first two (SA-12). */
public enum SamlProblem {
    /** The document is over 256 KiB. */
    TOO_LARGE,
    /** The provider says that it did not sign anybody in. */
    STATUS,
    /** The answer is to no request, or to another one. */
    IN_RESPONSE_TO,
    /** Not base64, not UTF-8, not XML 1.0, or with a DOCTYPE, comment or anything else a response has no use for. */
    MALFORMED,
    /** Not one response with one assertion in its place, or one ID twice (SA-02). */
    STRUCTURE,
    /** Neither response nor assertion is signed, or not by what the signature says (SA-04). */
    SIGNATURE,
    /** An algorithm, transform or key that is not on the list (SA-05). */
    ALGORITHM,
    /** The certificate in the signature is none of the configured ones (SA-03). */
    CERTIFICATE,
    /** The assertion cannot be decrypted. */
    ENCRYPTION,
    /** The Issuer is another. */
    ISSUER,
    /** The Destination is another place. */
    DESTINATION,
    /** The Recipient is another place, or nobody confirms the subject. */
    RECIPIENT,
    /** The assertion is for another audience, or under conditions nobody here knows. */
    AUDIENCE,
    /** Expired. */
    EXPIRED,
    /** Not yet valid. */
    NOT_YET_VALID,
    /** Several names or attributes where one is meant, or none (SA-07). */
    SUBJECT
}
