package io.sallyport.audit;

import io.sallyport.audit.AuditEvent.Authentication;
import io.sallyport.identity.AppId;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.BatchPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Authentication events in PostgreSQL: where the log stores them, and where the API reads them. */
public class AuthEvents implements AuditSink {
    private final JdbcTemplate jdbc;
    private final JdbcClient queries;

    AuthEvents(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
        this.queries = JdbcClient.create(jdbc);
    }

    /** What an event is compared by. The text is SQL of ours; what it is compared with is always a bound parameter. */
    public enum Field {
        /** Compared with a {@link Boolean}. */
        ALLOWED("allowed"),
        /** The type of the application, as far as it still exists. */
        APPLICATION_TYPE("(select type from applications where applications.id = app_id)"),
        /** Compared with a {@link UUID}. */
        APPLICATION("app_id"),
        COUNTRY("country"),
        /** In lower case. */
        EMAIL("email"),
        /** Compared with a {@link UUID}. */
        IDENTITY_PROVIDER("idp_id"),
        /** Whether it was a service token; compared with a {@link Boolean}. */
        NON_IDENTITY("(service_token is not null)"),
        RAY("ray"),
        /** Compared with a {@link UUID}. */
        USER("user_id");

        private final String sql;

        Field(String sql) {
            this.sql = sql;
        }
    }

    /** How an event is compared. An event that lacks the field is different from every value. */
    public enum Comparison {
        IS("%s = ?"),
        IS_NOT("%s is distinct from ?"),
        CONTAINS("strpos(%s, ?) > 0");

        private final String sql;

        Comparison(String sql) {
            this.sql = sql;
        }
    }

    /** One comparison. */
    public record Condition(Field field, Comparison comparison, Object value) {}

    /** A person: who has the id, or whose address it was before there was an id. */
    public record Person(UserId user, String email) {}

    /**
     * What to read; null members do not restrict.
     *
     * @param since inclusive
     * @param until inclusive
     * @param conditions all of which hold
     * @param newestFirst the API's {@code direction=desc}
     */
    public record Filter(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable Person person,
            List<Condition> conditions,
            boolean newestFirst) {
        /** Copies the conditions. */
        public Filter {
            conditions = List.copyOf(conditions);
        }

        /** Everything, newest first. */
        public static Filter all() {
            return new Filter(null, null, null, List.of(), true);
        }

        /** The refused logins of one person, newest first. */
        public static Filter failedLoginsOf(UserId user, String email, Instant since) {
            Condition refused = new Condition(Field.ALLOWED, Comparison.IS, false);
            return new Filter(since, null, new Person(user, email), List.of(refused), true);
        }
    }

    @Override
    public void store(List<AuditEvent> batch) {
        List<Authentication> events = batch.stream()
                .map(event -> switch (event) {
                    case Authentication authentication -> authentication;
                })
                .toList();
        jdbc.batchUpdate("""
                insert into auth_events (at, ray, action, allowed, reason, app_id, app_domain, idp_id, idp_type, user_id, email,
                  ip, country, service_token) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", new BatchPreparedStatementSetter() {
            @Override
            public void setValues(PreparedStatement row, int i) throws SQLException {
                bind(row, events.get(i));
            }

            @Override
            public int getBatchSize() {
                return events.size();
            }
        });
    }

    private static void bind(PreparedStatement row, Authentication event) throws SQLException {
        AppId app = event.application();
        IdpRef idp = event.connection();
        UserId user = event.user();
        row.setObject(1, OffsetDateTime.ofInstant(event.at(), ZoneOffset.UTC));
        row.setString(2, event.ray());
        row.setString(3, event.action());
        row.setBoolean(4, event.allowed());
        row.setString(5, event.reason());
        row.setObject(6, app == null ? null : app.value());
        row.setString(7, event.applicationDomain());
        row.setObject(8, idp == null ? null : idp.id().value());
        row.setString(9, idp == null ? null : idp.type());
        row.setObject(10, user == null ? null : user.value());
        row.setString(11, event.email());
        row.setString(12, event.ip());
        row.setString(13, event.country());
        row.setString(14, event.serviceToken());
    }

    /**
     * Reads a page.
     *
     * @param offset how many to skip
     */
    public List<Authentication> find(Filter filter, int limit, long offset) {
        Where where = where(filter);
        String direction = filter.newestFirst() ? "desc" : "asc";
        return queries.sql("select * from auth_events" + where.sql() + " order by at " + direction + ", id " + direction
                        + " limit ? offset ?")
                .params(where.params())
                .param(limit)
                .param(offset)
                .query(AuthEvents::read)
                .list();
    }

    private record Where(String sql, List<Object> params) {}

    private static Where where(Filter filter) {
        List<String> conditions = new ArrayList<>();
        List<Object> params = new ArrayList<>();
        if (filter.since() != null) {
            conditions.add("at >= ?");
            params.add(time(filter.since()));
        }
        if (filter.until() != null) {
            conditions.add("at <= ?");
            params.add(time(filter.until()));
        }
        Person person = filter.person();
        if (person != null) {
            conditions.add("(user_id = ? or email = ?)");
            params.add(person.user().value());
            params.add(person.email());
        }
        for (Condition condition : filter.conditions()) {
            conditions.add(condition.comparison().sql.replace("%s", condition.field().sql));
            params.add(condition.value());
        }
        return new Where(conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions), params);
    }

    private static OffsetDateTime time(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    private static Authentication read(ResultSet row, int number) throws SQLException {
        UUID app = row.getObject("app_id", UUID.class);
        UUID idp = row.getObject("idp_id", UUID.class);
        String idpType = row.getString("idp_type");
        UUID user = row.getObject("user_id", UUID.class);
        Timestamp at = row.getTimestamp("at");
        return new Authentication(
                at.toInstant(),
                row.getString("ray"),
                row.getString("action"),
                row.getBoolean("allowed"),
                row.getString("reason"),
                app == null ? null : new AppId(app),
                row.getString("app_domain"),
                idp == null || idpType == null ? null : new IdpRef(new IdpId(idp), idpType),
                user == null ? null : new UserId(user),
                row.getString("email"),
                row.getString("ip"),
                row.getString("country"),
                row.getString("service_token"));
    }
}
