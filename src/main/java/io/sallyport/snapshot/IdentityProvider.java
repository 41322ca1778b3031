package io.sallyport.snapshot;

import io.sallyport.identity.IdpId;
import java.net.URI;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An identity provider with its secrets decrypted. Presets ({@code google}, {@code okta}, …) have been reduced to the
 * protocol they use.
 */
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
     * @param emailClaimName the claim that an admin configured as the address; null means {@code email}
     * @param trustedForEmail whether an address counts although the ID token does not say that it is verified (OI-11)
     * @param userInfo the endpoint for claims that are not in the ID token (OpenID Connect Core §5.3); null when it is
     *     not used
     * @param directory the API for groups that are not in the ID token (Entra, Google Workspace, Okta); null when none
     *     is used
     * @param directoryToken token for the directory; null means the access token of the person who signs in
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
            boolean trustedForEmail,
            boolean pkce,
            @Nullable String prompt,
            @Nullable String appsDomain,
            @Nullable URI userInfo,
            @Nullable URI directory,
            @Nullable Secret directoryToken)
            implements IdentityProvider {
        /** Whether an admin configured the claim with the address, and so vouches for it. */
        public boolean namesEmailClaim() {
            return emailClaimName != null && !emailClaimName.isBlank();
        }
    }

    /** GitHub speaks OAuth 2.0 and an API, not OpenID Connect. */
    record GitHub(IdpId id, String name, String clientId, Secret clientSecret, URI authUrl, URI tokenUrl, URI apiUrl)
            implements IdentityProvider {
        @Override
        public String type() {
            return "github";
        }
    }

    /**
     * A SAML 2.0 identity provider.
     *
     * @param issuer its entity id
     * @param destination URL of its single sign-on endpoint
     * @param posts whether requests are posted there; otherwise the browser is redirected
     * @param certificates certificates of its signing keys; several during a change of keys
     * @param attributes names of the attributes copied into the identity
     * @param emailAttribute the attribute with the e-mail address; null is {@code email}
     * @param headers attributes that are sent to origins, with their header fields
     * @param longestUrl characters; for a longer redirect the state is stored here instead of sent; zero means no limit
     * @param unsolicited settings for responses that answer no request of ours; null when they are refused
     * @param encryption keys assertions may be encrypted for, the newest first
     */
    record Saml(
            IdpId id,
            String name,
            String issuer,
            URI destination,
            boolean posts,
            List<X509Certificate> certificates,
            List<String> attributes,
            @Nullable String emailAttribute,
            List<HeaderAttribute> headers,
            boolean signsRequests,
            boolean forceAuthn,
            int longestUrl,
            @Nullable Unsolicited unsolicited,
            List<DecryptionKey> encryption)
            implements IdentityProvider {
        @Override
        public String type() {
            return "saml";
        }
    }

    /** An attribute and the request header that carries it. */
    record HeaderAttribute(String attribute, String header) {}

    /**
     * Sign-in that begins at the provider.
     *
     * @param target URL of an application, for responses that name none; null when they must
     */
    record Unsolicited(@Nullable String target) {}

    /** A key that opens encrypted assertions, and the PEM certificate its owner is known by. */
    record DecryptionKey(PrivateKey key, String certificate) {
        @Override
        public String toString() {
            return "DecryptionKey[…]";
        }
    }

    /**
     * OAuth 2.0 with one call for the person's profile: Facebook, LinkedIn, Yandex.
     *
     * @param scheme of the Authorization field towards the profile
     * @param emailMember where the profile has the address
     * @param trustedForEmail whether an address counts although the profile does not say that it is verified (OI-11)
     */
    record OAuthProfile(
            IdpId id,
            String name,
            String type,
            String clientId,
            Secret clientSecret,
            URI authUrl,
            URI tokenUrl,
            URI profileUrl,
            List<String> scopes,
            boolean pkce,
            String scheme,
            String emailMember,
            boolean trustedForEmail,
            String nameMember)
            implements IdentityProvider {}

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
