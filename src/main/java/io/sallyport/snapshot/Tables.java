package io.sallyport.snapshot;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What {@link SnapshotLoader} asks of each table: columns, order, and the record of {@link Rows} that they make. */
final class Tables {
    static final TableQuery<Long> VERSION =
            new TableQuery<>("select version from config_version", row -> row.getLong(1));

    static final TableQuery<String> ACCOUNT = new TableQuery<>("select id from account", row -> row.getString(1));

    static final TableQuery<Rows.Organization> ORGANIZATION = new TableQuery<>(
            "select name, auth_domain, body from organization",
            row -> new Rows.Organization(row.getString(1), row.getString(2), row.getString(3)));

    static final TableQuery<Rows.App> APPLICATIONS = new TableQuery<>(
            "select id, seq, aud, type, name, domain, body from applications order by seq",
            row -> new Rows.App(
                    uuid(row, 1),
                    row.getLong(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getString(6),
                    row.getString(7)));

    static final TableQuery<Rows.Destination> DESTINATIONS = new TableQuery<>(
            "select app_id, pattern from application_destinations order by app_id, position",
            row -> new Rows.Destination(uuid(row, 1), row.getString(2)));

    static final TableQuery<Rows.Link> LINKS = new TableQuery<>(
            "select app_id, policy_id from application_policies order by app_id, precedence",
            row -> new Rows.Link(uuid(row, 1), uuid(row, 2)));

    static final TableQuery<Rows.Group> GROUPS = new TableQuery<>(
            "select id, name, body from access_groups",
            row -> new Rows.Group(uuid(row, 1), row.getString(2), row.getString(3)));

    static final TableQuery<Rows.Provider> PROVIDERS = new TableQuery<>(
            "select id, name, type, body, secret from identity_providers order by created_at, id",
            row -> new Rows.Provider(
                    uuid(row, 1), row.getString(2), row.getString(3), row.getString(4), row.getBytes(5)));

    static final TableQuery<Rows.SamlKey> SAML_KEYS = new TableQuery<>(
            "select set_id, id, private_key, certificate from saml_certificates order by created_at desc, id",
            row -> new Rows.SamlKey(uuid(row, 1), uuid(row, 2), row.getBytes(3), row.getString(4)));

    static final TableQuery<Rows.Token> SERVICE_TOKENS = new TableQuery<>(
            """
            select id, name, client_id, secret_hash, previous_secret_hash, previous_expires_at, expires_at, enabled
            from service_tokens""",
            row -> new Rows.Token(
                    uuid(row, 1),
                    row.getString(2),
                    row.getString(3),
                    row.getBytes(4),
                    row.getBytes(5),
                    optionalTime(row, 6),
                    optionalTime(row, 7),
                    row.getBoolean(8)));

    /** A list without items has one row, without a value. */
    static final TableQuery<Rows.Item> LIST_ITEMS = new TableQuery<>(
            "select l.id, l.type, i.value from lists l left join list_items i on i.list_id = l.id order by i.id",
            row -> new Rows.Item(uuid(row, 1), row.getString(2), row.getString(3)));

    static final TableQuery<Rows.Origin> ORIGINS = new TableQuery<>(
            "select id, hostname, path, service, origin_request from origins order by created_at, id",
            row -> new Rows.Origin(
                    uuid(row, 1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)));

    static final TableQuery<Rows.Tunnel> TUNNELS = new TableQuery<>(
            """
            select t.id, t.name, t.secret, t.config_src = 'cloudflare' or c.version is not null,
                coalesce(c.version, 0), c.config
            from tunnels t left join lateral (
                select version, config from tunnel_configurations
                where tunnel_id = t.id and source = 'cloudflare' order by version desc limit 1) c on true
            where t.deleted_at is null order by t.created_at, t.id""",
            row -> new Rows.Tunnel(
                    uuid(row, 1),
                    row.getString(2),
                    row.getBytes(3),
                    row.getBoolean(4),
                    row.getInt(5),
                    row.getString(6)));

    static final TableQuery<Rows.TunnelHostname> TUNNEL_HOSTNAMES = new TableQuery<>(
            "select distinct hostname, tunnel_id from tunnel_hostnames order by hostname",
            row -> new Rows.TunnelHostname(row.getString(1), uuid(row, 2)));

    static final TableQuery<Rows.Key> SIGNING_KEYS = new TableQuery<>(
            "select kid, private_key, certificate, published_at, signs_from, retires_at from signing_keys",
            row -> new Rows.Key(
                    row.getString(1),
                    row.getBytes(2),
                    row.getString(3),
                    time(row, 4),
                    time(row, 5),
                    optionalTime(row, 6)));

    /** A pass is as good as the session it is. */
    static final TableQuery<Rows.Pass> PASSES = new TableQuery<>(
            """
            select s.nonce, s.user_id, p.app_id, p.secret_hash, s.email, s.identity, s.created_at, s.expires_at
              from app_passes p join open_sessions s on s.nonce = p.nonce
             where s.expires_at > now()""",
            row -> new Rows.Pass(
                    row.getString(1),
                    uuid(row, 2),
                    uuid(row, 3),
                    row.getBytes(4),
                    row.getString(5),
                    row.getString(6),
                    time(row, 7),
                    time(row, 8)));

    static final TableQuery<Rows.ClientAuthority> CLIENT_AUTHORITIES = new TableQuery<>(
            "select id, name, pem, revocation, crl, body from certificates order by created_at, id",
            row -> new Rows.ClientAuthority(
                    uuid(row, 1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getString(6)));

    static final TableQuery<String> CERTIFICATE_SETTINGS =
            new TableQuery<>("select body from certificate_settings", row -> row.getString(1));

    static final TableQuery<Rows.WorkloadIssuer> WORKLOAD_ISSUERS = new TableQuery<>(
            "select id, name, issuer, jwks_url, audience, single_use from workload_issuers",
            row -> new Rows.WorkloadIssuer(
                    uuid(row, 1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getBoolean(6)));

    /**
     * Changes with every revocation, and with every one that is forgotten. Numbers are drawn before their transactions commit, so the
     * highest alone could hide a lower one that commits later; the count gives it away. Side by side in one number, for in a sum one
     * that is added could make up for two that are forgotten.
     */
    static final TableQuery<Long> REVOCATION_MARK = new TableQuery<>(
            "select coalesce(max(seq), 0) * 16777216 + count(*) from revocations", row -> row.getLong(1));

    static final TableQuery<Revocation> REVOCATIONS = new TableQuery<>(
            "select kind, subject, not_before from revocations",
            row -> new Revocation(row.getString(1), row.getString(2), time(row, 3)));

    private Tables() {}

    /** One entry of the log: what of this kind was issued for the subject earlier counts no longer. */
    record Revocation(String kind, String subject, Instant notBefore) {}

    private static UUID uuid(ResultSet row, int column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    private static Instant time(ResultSet row, int column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    private static @Nullable Instant optionalTime(ResultSet row, int column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }
}
