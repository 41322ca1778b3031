package io.sallyport.cli;

/**
 * A token for the API, with what a person must know when the gateway refuses it: several places can hold one, and which of them was used is
 * not obvious.
 *
 * @param from where it was found, for messages
 * @param remedy what to do when it is refused
 */
record ApiToken(Secret secret, String from, String remedy) {
    /** A token from a variable or a file. */
    static ApiToken from(String place, String secret) {
        return new ApiToken(new Secret(secret), place, "an owner can create another in the console under API tokens");
    }

    /** The token of a cert.pem. */
    static ApiToken of(OriginCert cert) {
        return new ApiToken(
                cert.apiToken(),
                cert.file().toString(),
                "delete that file and run 'sallyport tunnel login' to get another");
    }
}
