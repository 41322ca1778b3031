package io.sallyport.gateway;

import io.sallyport.http.RequestTarget;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.session.HeaderAttributes;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/**
 * Why a request may be forwarded. Only {@link AccessFilter} and {@link Admitting} make one; whatever forwards traffic asks for it, and
 * without it nothing leaves the gate.
 */
sealed interface Admission {
    /** Name of the exchange attribute. */
    String ATTRIBUTE = Admission.class.getName();

    /**
     * A policy admitted the request.
     *
     * <p>The assertion is the signed token for the origin, null when the policy asked for no identity; the e-mail is
     * the person's, null for programs and bypass. What was presented, and for whom it spoke, is kept so that long-lived
     * requests can be decided again.
     */
    final class Permitted implements Admission {
        private final Permit permit;
        private final Presented presented;
        private final @Nullable String who;
        private final @Nullable String assertion;
        private final @Nullable String email;
        private final Map<String, String> attributes;

        private Permitted(
                Permit permit,
                Presented presented,
                @Nullable String who,
                @Nullable String assertion,
                @Nullable String email,
                Map<String, String> attributes) {
            this.permit = permit;
            this.presented = presented;
            this.who = who;
            this.assertion = assertion;
            this.email = email;
            this.attributes = attributes;
        }

        Permit permit() {
            return permit;
        }

        Presented presented() {
            return presented;
        }

        /** Whether this is whom the origin was told about; null stands for nobody. */
        boolean spokeFor(@Nullable String somebody) {
            return Objects.equals(who, somebody);
        }

        @Nullable
        String assertion() {
            return assertion;
        }

        @Nullable
        String email() {
            return email;
        }

        /** Values of headers that carry attributes from the person's provider, by header name. */
        Map<String, String> attributes() {
            return attributes;
        }
    }

    /** The admin left this request unguarded on purpose. */
    enum Unguarded implements Admission {
        /** A path that the application's {@code overrides} make public. */
        PUBLIC_PATH,
        /** A preflight that the application lets its origin answer. */
        PREFLIGHT,
        /** No application claims the host, and the organisation lets such requests pass. */
        UNMATCHED;

        /**
         * Whether the given configuration still lets the request pass for this reason.
         *
         * @param application whose the request is in that configuration
         */
        boolean holds(RequestTarget target, @Nullable Application application, Snapshot snapshot) {
            return switch (this) {
                case PUBLIC_PATH -> application != null && application.isPublic(target);
                case PREFLIGHT -> application != null && application.optionsPreflightBypass();
                case UNMATCHED -> application == null && !snapshot.settings().denyUnmatchedRequests();
            };
        }
    }

    /** For anybody: the origin is told no identity. */
    static Permitted anonymous(Permit permit, Presented presented) {
        return new Permitted(permit, presented, null, null, null, Map.of());
    }

    /** @param who the program, or the certificate, as {@link Admitting#who} says */
    static Permitted program(Permit permit, Presented presented, String who, String assertion) {
        return new Permitted(permit, presented, who, assertion, null, Map.of());
    }

    /** For a person who shows an app pass: the origin is told the same as with a session of that person. */
    static Permitted pass(
            Permit permit, Presented presented, String email, String assertion, Map<String, String> attributes) {
        return new Permitted(permit, presented, email, assertion, email, attributes);
    }

    /** For a person, with the token and what it says about them. */
    static Permitted person(Permit permit, Presented presented, SessionState.Present person) {
        String email = person.claims().email().value();
        return new Permitted(permit, presented, email, person.compact(), email, HeaderAttributes.of(person.claims()));
    }

    /** @throws IllegalStateException when nobody admitted the request: a bug, and answered 500 */
    static Admission of(ServerWebExchange exchange) {
        Object admission = exchange.getAttribute(ATTRIBUTE);
        if (admission instanceof Admission known) {
            return known;
        }
        throw new IllegalStateException("nothing is forwarded without an admission");
    }
}
