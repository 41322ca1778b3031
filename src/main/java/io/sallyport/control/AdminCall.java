package io.sallyport.control;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One authenticated call of the admin API: who makes it, from where, and on what condition. Only {@link AdminDoor} makes one;
 * every handler takes one as an argument, and {@link ApiArguments} gives it only to what its token may use.
 *
 * @param holder whose token it carries
 * @param source the client's address
 * @param ifMatch the entity tags a write is conditional on (RFC 9110 §13.1.1)
 */
record AdminCall(AdminTokens.Holder holder, String source, String ray, Optional<String> ifMatch) {
    /** Name of the exchange attribute it travels as. */
    static final String ATTRIBUTE = "io.sallyport.control.AdminCall";

    /** The same call for parts of a larger change, on which no condition was set. */
    AdminCall unconditional() {
        return new AdminCall(holder, source, ray, Optional.empty());
    }

    /** Who, for the audit trail. */
    String actor() {
        return holder.actor();
    }

    /** What its token may do. */
    Permissions permissions() {
        return holder.permissions();
    }

    /** Ends the call with 412 when it named another state than the present one (AD-07). */
    void requireMatch(JsonNode present) {
        if (ifMatch.isEmpty() || ifMatch.get().strip().equals("*")) {
            return;
        }
        String tag = ApiEnvelope.tag(present);
        for (String candidate : ifMatch.get().split(",", -1)) {
            if (candidate.strip().equals(tag)) {
                return;
            }
        }
        throw ApiProblem.preconditionFailed();
    }
}
