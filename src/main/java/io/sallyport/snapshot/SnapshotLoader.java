package io.sallyport.snapshot;

import io.sallyport.identity.AppId;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Reads the whole configuration in one transaction, so that no picture ever shows half a change. Blocking. */
public class SnapshotLoader {
    private final DataSource dataSource;
    private final EntityManager entities;
    private final KeptRows<Rows.Policy> policies = KeptRows.policies();
    private final KeptRows<Rows.Page> pages = KeptRows.pages();

    SnapshotLoader(DataSource dataSource, EntityManager entities) {
        this.dataSource = dataSource;
        this.entities = entities;
    }

    /** The two numbers that tell whether a picture is the newest. */
    record Marks(long version, long revocations) {}

    /** What is newest now: two index look-ups. */
    Marks marks() {
        return inOneTransaction(connection -> new Marks(version(connection), revocationMark(connection)));
    }

    /** The committed configuration. */
    Rows load() {
        return inOneTransaction(connection -> read(connection, true));
    }

    /** What was revoked and may still have a token. */
    Revocations revocations() {
        return inOneTransaction(SnapshotLoader::revocations);
    }

    /** The configuration as it would be if the surrounding transaction committed now, for {@link SnapshotCompiler#check}. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Rows proposed() {
        entities.flush();
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            return read(connection, false);
        } catch (SQLException failed) {
            throw new DataAccessResourceFailureException("the proposed configuration could not be read", failed);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    private interface Reader<T> {
        T read(Connection connection) throws SQLException;
    }

    /** Repeatable read: every statement sees the moment of the first. */
    private <T> T inOneTransaction(Reader<T> reader) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            T result = reader.read(connection);
            connection.commit();
            return result;
        } catch (SQLException failed) {
            throw new DataAccessResourceFailureException("the configuration could not be read", failed);
        }
    }

    private Rows read(Connection connection, boolean committed) throws SQLException {
        return new Rows(
                version(connection),
                one(connection, "select id from account", row -> row.getString(1)),
                one(
                        connection,
                        "select name, auth_domain, body from organization",
                        row -> new Rows.Organization(row.getString(1), row.getString(2), row.getString(3))),
                list(
                        connection,
                        "select id, seq, aud, type, name, domain, body from applications order by seq",
                        row -> new Rows.App(
                                uuid(row, 1),
                                row.getLong(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getString(6),
                                row.getString(7))),
                list(
                        connection,
                        "select app_id, pattern from application_destinations order by app_id, position",
                        row -> new Rows.Destination(uuid(row, 1), row.getString(2))),
                policies.read(connection, committed),
                list(
                        connection,
                        "select app_id, policy_id from application_policies order by app_id, precedence",
                        row -> new Rows.Link(uuid(row, 1), uuid(row, 2))),
                list(
                        connection,
                        "select id, name, body from access_groups",
                        row -> new Rows.Group(uuid(row, 1), row.getString(2), row.getString(3))),
                list(
                        connection,
                        "select id, name, type, body, secret from identity_providers order by created_at, id",
                        row -> new Rows.Provider(
                                uuid(row, 1), row.getString(2), row.getString(3), row.getString(4), row.getBytes(5))),
                list(
                        connection,
                        "select set_id, id, private_key, certificate from saml_certificates order by created_at desc, id",
                        row -> new Rows.SamlKey(uuid(row, 1), uuid(row, 2), row.getBytes(3), row.getString(4))),
                list(
                        connection,
                        """
                        select id, name, client_id, secret_hash, previous_secret_hash, previous_expires_at, expires_at, enabled
                        from service_tokens""",
                        row -> new Rows.Token(
                                uuid(row, 1),
                                row.getString(2),
                                row.getString(3),
                                row.getBytes(4),
                                row.getBytes(5),
                                time(row, 6),
                                time(row, 7),
                                row.getBoolean(8))),
                list(
                        connection,
                        "select l.id, l.type, i.value from lists l left join list_items i on i.list_id = l.id order by i.id",
                        row -> new Rows.Item(uuid(row, 1), row.getString(2), row.getString(3))),
                list(
                        connection,
                        "select id, hostname, path, service, origin_request from origins order by created_at, id",
                        row -> new Rows.Origin(
                                uuid(row, 1), row.getString(2), row.getString(3), row.getString(4), row.getString(5))),
                list(
                        connection,
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
                                row.getString(6))),
                list(
                        connection,
                        "select distinct hostname, tunnel_id from tunnel_hostnames order by hostname",
                        row -> new Rows.TunnelHostname(row.getString(1), uuid(row, 2))),
                list(
                        connection,
                        "select kid, private_key, certificate, published_at, signs_from, retires_at from signing_keys",
                        row -> new Rows.Key(
                                row.getString(1),
                                row.getBytes(2),
                                row.getString(3),
                                row.getTimestamp(4).toInstant(),
                                row.getTimestamp(5).toInstant(),
                                time(row, 6))),
                list(
                        connection,
                        """
                        select s.nonce, s.user_id, p.app_id, p.secret_hash, u.email, s.identity, s.created_at, s.expires_at
                          from app_passes p join sessions s on s.nonce = p.nonce join users u on u.id = s.user_id
                         where s.revoked_at is null and s.expires_at > now()
                           and (u.sessions_not_before is null or s.created_at > u.sessions_not_before)""",
                        row -> new Rows.Pass(
                                row.getString(1),
                                uuid(row, 2),
                                uuid(row, 3),
                                row.getBytes(4),
                                row.getString(5),
                                row.getString(6),
                                row.getTimestamp(7).toInstant(),
                                row.getTimestamp(8).toInstant())),
                list(
                        connection,
                        "select id, name, pem, revocation, crl, body from certificates order by created_at, id",
                        row -> new Rows.ClientAuthority(
                                uuid(row, 1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getString(6))),
                one(connection, "select body from certificate_settings", row -> row.getString(1)),
                list(
                        connection,
                        "select id, name, issuer, jwks_url, audience, single_use from workload_issuers",
                        row -> new Rows.WorkloadIssuer(
                                uuid(row, 1),
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getBoolean(6))),
                pages.read(connection, committed),
                revocations(connection));
    }

    private static long version(Connection connection) throws SQLException {
        return one(connection, "select version from config_version", row -> row.getLong(1));
    }

    /**
     * Changes with every revocation. Numbers are drawn before their transactions commit, so the highest alone could hide a lower
     * one that commits later; the count gives it away.
     */
    private static long revocationMark(Connection connection) throws SQLException {
        return one(connection, "select coalesce(max(seq), 0) + count(*) from revocations", row -> row.getLong(1));
    }

    private static Revocations revocations(Connection connection) throws SQLException {
        Map<UserId, Instant> users = new HashMap<>();
        Map<UserId, Instant> staleUsers = new HashMap<>();
        Map<AppId, Instant> applications = new HashMap<>();
        Map<String, Instant> services = new HashMap<>();
        Set<IdentityNonce> sessions = new HashSet<>();
        list(connection, "select kind, subject, not_before from revocations", row -> {
            String subject = row.getString(2);
            Instant notBefore = row.getTimestamp(3).toInstant();
            switch (row.getString(1)) {
                case "user" -> users.merge(UserId.of(subject), notBefore, SnapshotLoader::later);
                case "user_refresh" -> staleUsers.merge(UserId.of(subject), notBefore, SnapshotLoader::later);
                case "app" -> applications.merge(AppId.of(subject), notBefore, SnapshotLoader::later);
                case "service" -> services.merge(subject, notBefore, SnapshotLoader::later);
                default -> sessions.add(new IdentityNonce(subject));
            }
            return subject;
        });
        return new Revocations(revocationMark(connection), users, staleUsers, applications, services, sessions);
    }

    private interface RowReader<T extends @Nullable Object> {
        T read(ResultSet row) throws SQLException;
    }

    private static <T> List<T> list(Connection connection, String sql, RowReader<T> reader) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return all;
        }
    }

    /** A table that must not be empty is an error when it is, never a picture without it (FC-03). */
    private static <T> T one(Connection connection, String sql, RowReader<T> reader) throws SQLException {
        List<T> rows = list(connection, sql, reader);
        if (rows.size() != 1) {
            throw new SQLException("one row expected, not " + rows.size() + ": " + sql);
        }
        return rows.getFirst();
    }

    private static UUID uuid(ResultSet row, int column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
