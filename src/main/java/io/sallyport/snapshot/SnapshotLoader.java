package io.sallyport.snapshot;

import io.sallyport.identity.AppId;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
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
        return inOneTransaction(
                connection -> new Marks(Tables.VERSION.one(connection), Tables.REVOCATION_MARK.one(connection)));
    }

    /** The committed configuration. */
    Rows load() {
        return inOneTransaction(connection -> read(connection, true));
    }

    /** What was revoked and may still have a token. */
    Revocations revocations() {
        return inOneTransaction(SnapshotLoader::revocations);
    }

    /** The configuration as it would be if the surrounding transaction committed now, for {@link SnapshotCompiler#attempt}. */
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
                Tables.VERSION.one(connection),
                Tables.ACCOUNT.one(connection),
                Tables.ORGANIZATION.one(connection),
                Tables.APPLICATIONS.all(connection),
                Tables.DESTINATIONS.all(connection),
                policies.read(connection, committed),
                Tables.LINKS.all(connection),
                Tables.GROUPS.all(connection),
                Tables.PROVIDERS.all(connection),
                Tables.SAML_KEYS.all(connection),
                Tables.SERVICE_TOKENS.all(connection),
                Tables.LIST_ITEMS.all(connection),
                Tables.ORIGINS.all(connection),
                Tables.TUNNELS.all(connection),
                Tables.TUNNEL_HOSTNAMES.all(connection),
                Tables.SIGNING_KEYS.all(connection),
                Tables.PASSES.all(connection),
                Tables.CLIENT_AUTHORITIES.all(connection),
                Tables.CERTIFICATE_SETTINGS.one(connection),
                Tables.WORKLOAD_ISSUERS.all(connection),
                pages.read(connection, committed),
                revocations(connection));
    }

    private static Revocations revocations(Connection connection) throws SQLException {
        Map<UserId, Instant> users = new HashMap<>();
        Map<UserId, Instant> staleUsers = new HashMap<>();
        Map<AppId, Instant> applications = new HashMap<>();
        Map<String, Instant> services = new HashMap<>();
        Set<IdentityNonce> sessions = new HashSet<>();
        for (Tables.Revocation each : Tables.REVOCATIONS.all(connection)) {
            String subject = each.subject();
            switch (each.kind()) {
                case "user" -> users.merge(UserId.of(subject), each.notBefore(), SnapshotLoader::later);
                case "user_refresh" -> staleUsers.merge(UserId.of(subject), each.notBefore(), SnapshotLoader::later);
                case "app" -> applications.merge(AppId.of(subject), each.notBefore(), SnapshotLoader::later);
                case "service" -> services.merge(subject, each.notBefore(), SnapshotLoader::later);
                default -> sessions.add(new IdentityNonce(subject));
            }
        }
        return new Revocations(
                Tables.REVOCATION_MARK.one(connection), users, staleUsers, applications, services, sessions);
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
