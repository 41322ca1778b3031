package io.sallyport.scim;

import org.jspecify.annotations.Nullable;

/** A refusal as RFC 7644 §3.12 spells it. */
final class ScimProblem extends RuntimeException {
    private final int status;
    private final @Nullable String type;

    private ScimProblem(int status, @Nullable String type, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.type = type;
    }

    static ScimProblem invalid(String detail) {
        return new ScimProblem(400, "invalidValue", detail);
    }

    static ScimProblem syntax(String detail) {
        return new ScimProblem(400, "invalidSyntax", detail);
    }

    static ScimProblem path(String detail) {
        return new ScimProblem(400, "invalidPath", detail);
    }

    static ScimProblem filter(String detail) {
        return new ScimProblem(400, "invalidFilter", detail);
    }

    static ScimProblem unauthorized() {
        return new ScimProblem(401, null, "the bearer token is not the secret of this provider, or SCIM is off");
    }

    static ScimProblem notFound() {
        return new ScimProblem(404, null, "no such resource");
    }

    static ScimProblem method() {
        return new ScimProblem(405, null, "not possible with this method");
    }

    static ScimProblem taken(String what) {
        return new ScimProblem(409, "uniqueness", what + " is taken");
    }

    static ScimProblem tooLarge() {
        return new ScimProblem(413, null, "at most 512 KiB");
    }

    static ScimProblem tooMany() {
        return new ScimProblem(429, null, "too many wrong bearer tokens came from your network; wait a minute");
    }

    int status() {
        return status;
    }

    /** The {@code scimType}, null when the status says it all. */
    @Nullable
    String type() {
        return type;
    }
}
