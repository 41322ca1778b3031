package io.sallyport.snapshot;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The configuration's rows as one transaction sees them: {@link SnapshotLoader} reads them and {@link SnapshotCompiler}
 * compiles them.
 */
@SuppressWarnings("ArrayRecordComponent") // rows that hold one are never compared
record Rows(
        long version,
        String accountId,
        Organization organization,
        List<App> applications,
        List<Destination> destinations,
        List<Policy> policies,
        List<Link> links,
        List<Group> groups,
        List<Provider> providers,
        List<SamlKey> samlKeys,
        List<Token> tokens,
        List<Item> listItems,
        List<Origin> origins,
        List<Tunnel> tunnels,
        List<TunnelHostname> tunnelHostnames,
        List<Key> keys,
        List<Pass> passes,
        List<ClientAuthority> clientAuthorities,
        String certificateSettings,
        List<WorkloadIssuer> workloadIssuers,
        List<Page> pages,
        Revocations revocations) {

    /** The same with another organisation object. */
    Rows withOrganizationBody(String body) {
        return new Rows(
                version,
                accountId,
                new Organization(organization.name(), organization.authDomain(), body),
                applications,
                destinations,
                policies,
                links,
                groups,
                providers,
                samlKeys,
                tokens,
                listItems,
                origins,
                tunnels,
                tunnelHostnames,
                keys,
                passes,
                clientAuthorities,
                certificateSettings,
                workloadIssuers,
                pages,
                revocations);
    }

    record Organization(String name, String authDomain, String body) {}

    record App(
            UUID id,
            long age,
            String aud,
            String type,
            @Nullable String name,
            @Nullable String domain,
            String body) {}

    /** In each application's own order. */
    record Destination(UUID app, String pattern) {}

    record Policy(UUID id, String name, String decision, String body) {}

    /** In ascending precedence within each application. */
    record Link(UUID app, UUID policy) {}

    record Group(UUID id, String name, String body) {}

    record Provider(UUID id, String name, String type, String body, byte @Nullable [] secret) {}

    /** A key that assertions may be encrypted for, the newest of each set first. */
    record SamlKey(UUID set, UUID id, byte[] privateKey, String certificate) {}

    record Token(
            UUID id,
            String name,
            String clientId,
            byte[] secretHash,
            byte @Nullable [] previousSecretHash,
            @Nullable Instant previousExpiresAt,
            @Nullable Instant expiresAt,
            boolean enabled) {}

    record Item(UUID list, String type, @Nullable String value) {}

    record Origin(UUID id, String hostname, String path, String service, String request) {}

    /** An existing tunnel with its newest configuration written through the API. */
    record Tunnel(
            UUID id,
            String name,
            byte[] secret,
            boolean remotelyManaged,
            int configVersion,
            @Nullable String config) {}

    record TunnelHostname(String hostname, UUID tunnel) {}

    /**
     * An authority whose client certificates are accepted on the hosts that its body names.
     *
     * @param list a revocation list in PEM
     */
    record ClientAuthority(
            UUID id,
            String name,
            String pem,
            String revocation,
            @Nullable String list,
            String body) {
        /** Whether the other row is equal or differs only in its hosts. */
        boolean sameAuthority(ClientAuthority other) {
            return name.equals(other.name)
                    && pem.equals(other.pem)
                    && revocation.equals(other.revocation)
                    && Objects.equals(list, other.list);
        }
    }

    /** @param contractVersion 0 for verbatim HTML, higher for a template */
    record Page(UUID id, String type, String html, int contractVersion) {}

    record WorkloadIssuer(UUID id, String name, String issuer, String jwksUrl, String audience, boolean singleUse) {}

    /** A valid app pass with its session. */
    record Pass(
            String nonce,
            UUID user,
            UUID app,
            byte[] secretHash,
            String email,
            String identity,
            Instant createdAt,
            Instant expiresAt) {}

    record Key(
            String kid,
            byte[] privateKey,
            String certificate,
            Instant publishedAt,
            Instant signsFrom,
            @Nullable Instant retiresAt) {}
}
