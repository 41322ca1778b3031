package io.sallyport.control;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * One authenticated call of the admin API: who makes it, from where, and on what condition. Only {@link AdminDoor} makes one;
 * every handler takes one as an argument, so none can run without it.
 *
 * @param tokenId names the token without giving it away: 32 hex digits
 * @param actor who, for the audit trail
 * @param source the client's address
 * @param ifMatch the entity tags a write is conditional on (RFC 9110 §13.1.1)
 */
record AdminCall(String tokenId, String actor, AdminRole role, String source, String ray, Optional<String> ifMatch) {
    /** Name of the exchange attribute it travels as. */
    static final String ATTRIBUTE = "io.sallyport.control.AdminCall";

    /** The same call for parts of a larger change, on which no condition was set. */
    AdminCall unconditional() {
        return new AdminCall(tokenId, actor, role, source, ray, Optional.empty());
    }

    /** Ends the call with 412 when it named another state than the present one (AD-07). */
    void requireMatch(ObjectNode present) {
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
