package io.sallyport.audit;

import io.sallyport.audit.AuditEvent.Authentication;
import io.sallyport.identity.AppId;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /**
     * What to read; null members do not restrict.
     *
     * @param since inclusive
     * @param until exclusive
     * @param email part of the address, or all of it when {@code emailExact}
     * @param newestFirst the API's {@code direction=desc}
     */
    public record Filter(
            @Nullable Instant since,
            @Nullable Instant until,
            @Nullable String email,
            boolean emailExact,
            @Nullable Boolean allowed,
            @Nullable AppId application,
            @Nullable UserId user,
            @Nullable String ray,
            boolean newestFirst) {
        /** Everything, newest first. */
        public static Filter all() {
            return new Filter(null, null, null, false, null, null, null, null, true);
        }

        /** The refused logins of one person, newest first. */
        public static Filter failedLoginsOf(UserId user) {
            return new Filter(null, null, null, false, false, null, user, null, true);
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
            public void setValues(java.sql.PreparedStatement row, int i) throws SQLException {
                bind(row, events.get(i));
            }

            @Override
            public int getBatchSize() {
                return events.size();
            }
        });
    }

    private static void bind(java.sql.PreparedStatement row, Authentication event) throws SQLException {
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
                        + " limit :limit offset :offset")
                .params(where.params())
                .param("limit", limit)
                .param("offset", offset)
                .query(AuthEvents::read)
                .list();
    }

    /** How many there are. */
    public long count(Filter filter) {
        Where where = where(filter);
        return queries.sql("select count(*) from auth_events" + where.sql())
                .params(where.params())
                .query(Long.class)
                .single();
    }

    private record Where(String sql, Map<String, Object> params) {}

    private static Where where(Filter filter) {
        List<String> conditions = new ArrayList<>();
        Map<String, Object> params = new LinkedHashMap<>();
        add("at >= :since", "since", time(filter.since()), conditions, params);
        add("at < :until", "until", time(filter.until()), conditions, params);
        add("allowed = :allowed", "allowed", filter.allowed(), conditions, params);
        add("ray = :ray", "ray", filter.ray(), conditions, params);
        AppId app = filter.application();
        add("app_id = :app", "app", app == null ? null : app.value(), conditions, params);
        UserId user = filter.user();
        add("user_id = :user", "user", user == null ? null : user.value(), conditions, params);
        String email = filter.email() == null ? null : filter.email().toLowerCase(java.util.Locale.ROOT);
        add(filter.emailExact() ? "email = :email" : "strpos(email, :email) > 0", "email", email, conditions, params);
        return new Where(conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions), params);
    }

    private static void add(
            String condition,
            String name,
            @Nullable Object value,
            List<String> conditions,
            Map<String, Object> params) {
        if (value != null) {
            conditions.add(condition);
            params.put(name, value);
        }
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
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
