package io.sallyport.token;

import io.sallyport.identity.Audience;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Email;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The claims of a token, by kind. A token of one kind is never accepted as another
 * (JW-04).
 */
public sealed interface TokenClaims {
    /** When it was issued. */
    Instant issuedAt();

    /** When it stops working. */
    Instant expiresAt();

    /**
     * A person's token for one application: {@code type} is {@code app}.
     *
     * @param country at login, when known
     * @param custom configured claims for the {@code custom} block, bounded by the issuer so that the cookie fits 4096 bytes
     * @param facts what {@code policy.FactSet.Captured#encode} wrote; empty string when the policies look at no login fact
     * @param binding base64url SHA-256 of the CF_Binding value, null when the application does not use it
     * @param certificate thumbprint of the client certificate it was issued over; the token counts only beside that certificate
     *     (RFC 8705 §3), null when there was none
     */
    record App(
            Audience audience,
            UserId subject,
            Email email,
            IdentityNonce nonce,
            @Nullable String country,
            Map<String, Object> custom,
            String facts,
            @Nullable String binding,
            @Nullable String certificate,
            Instant issuedAt,
            Instant expiresAt)
            implements TokenClaims {
        /** Copies the custom block in its order. */
        public App {
            custom = Collections.unmodifiableMap(new LinkedHashMap<>(custom));
        }

        /** Without a client certificate. */
        public App(
                Audience audience,
                UserId subject,
                Email email,
                IdentityNonce nonce,
                @Nullable String country,
                Map<String, Object> custom,
                String facts,
                @Nullable String binding,
                Instant issuedAt,
                Instant expiresAt) {
            this(audience, subject, email, nonce, country, custom, facts, binding, null, issuedAt, expiresAt);
        }
    }

    /** A service token's application token: {@code type} is {@code app}, empty {@code sub}, {@code common_name} the client id. */
    record Service(Audience audience, String clientId, Instant issuedAt, Instant expiresAt) implements TokenClaims {}

    /**
     * The token that a workload gets in exchange for its issuer's (RFC 8693): {@code type} is {@code app}, empty {@code
     * sub}. It holds the issuer's claims, so that policies decide about them anew at every request.
     *
     * @param commonName how logs and origins know the workload
     * @param issuer id of the registered issuer that vouched
     * @param claims what it said: texts, numbers, flags and lists of them
     */
    record Workload(
            Audience audience,
            String commonName,
            UUID issuer,
            Map<String, Object> claims,
            Instant issuedAt,
            Instant expiresAt)
            implements TokenClaims {
        /** Copies the claims. */
        public Workload {
            claims = Map.copyOf(claims);
        }
    }

    /**
     * The assertion about a client admitted by its certificate alone: {@code type} is {@code app}, empty {@code sub},
     * {@code common_name} of the certificate, {@code cnf} with its thumbprint. The gateway itself does not accept it:
     * only the certificate counts there.
     */
    record Certificate(Audience audience, CertificateIdentity holder, Instant issuedAt, Instant expiresAt)
            implements TokenClaims {}

    /** The global session on the team domain: {@code type} is {@code org}; opens no application. */
    record Global(UserId subject, Email email, IdentityNonce nonce, Instant issuedAt, Instant expiresAt)
            implements TokenClaims {}

    /**
     * The {@code meta} parameter of a redirect to login; proves nothing about anyone.
     *
     * @param certificate whose client certificate the host saw; null when it saw none
     */
    record Meta(
            Audience audience,
            String hostname,
            String redirectUrl,
            boolean serviceTokenStatus,
            @Nullable CertificateIdentity certificate,
            Instant issuedAt,
            Instant expiresAt)
            implements TokenClaims {
        /** Without a client certificate. */
        public Meta(
                Audience audience,
                String hostname,
                String redirectUrl,
                boolean serviceTokenStatus,
                Instant issuedAt,
                Instant expiresAt) {
            this(audience, hostname, redirectUrl, serviceTokenStatus, null, issuedAt, expiresAt);
        }
    }

    /**
     * What a command line is told about the application at a host; public, and proves nothing
     * about anyone.
     *
     * @param hostname the host that was asked
     * @param authDomain where to sign in
     * @param appHostname the application's own pattern
     */
    record Match(
            Audience audience,
            String hostname,
            String authDomain,
            String appHostname,
            Instant issuedAt,
            Instant expiresAt)
            implements TokenClaims {}

    /** The question to an external evaluator: {@code identity}, {@code nonce} and context as JSON values. */
    record Evaluation(Map<String, Object> payload, Instant issuedAt, Instant expiresAt) implements TokenClaims {}
}
