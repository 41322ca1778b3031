package io.sallyport.snapshot;

import io.sallyport.identity.IdpId;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A way to sign in, with its secrets opened. Presets ({@code google}, {@code okta}, …) have been reduced to what they are. */
public sealed interface IdentityProvider {
    /** Its id. */
    IdpId id();

    /** What people see on the login page. */
    String name();

    /** The API's type: {@code oidc}, {@code google}, {@code onetimepin}, … */
    String type();

    /** A code by mail. */
    record OneTimePin(IdpId id, String name) implements IdentityProvider {
        @Override
        public String type() {
            return "onetimepin";
        }
    }

    /**
     * An OpenID Connect provider.
     *
     * @param issuer pins {@code iss} when present (OI-04)
     * @param authUrl the endpoints; null ones are filled from discovery when an issuer is given
     * @param claims custom claims copied into the identity
     */
    record OpenIdConnect(
            IdpId id,
            String name,
            String type,
            String clientId,
            Secret clientSecret,
            @Nullable String issuer,
            @Nullable URI authUrl,
            @Nullable URI tokenUrl,
            @Nullable URI certsUrl,
            List<String> scopes,
            List<String> claims,
            @Nullable String emailClaimName,
            boolean pkce,
            @Nullable String prompt,
            @Nullable String appsDomain)
            implements IdentityProvider {}

    /** GitHub speaks OAuth 2.0 and an API, not OpenID Connect. */
    record GitHub(IdpId id, String name, String clientId, Secret clientSecret, URI authUrl, URI tokenUrl, URI apiUrl)
            implements IdentityProvider {
        @Override
        public String type() {
            return "github";
        }
    }

    /** A type whose sign-in this release does not offer, or whose secret cannot be decrypted (FC-08): listed nowhere, refuses logins. */
    record Unavailable(IdpId id, String name, String type, String why) implements IdentityProvider {}

    /** A secret whose {@code toString} gives nothing away. */
    record Secret(String value) {
        @Override
        public String toString() {
            return "Secret[…]";
        }
    }
}
