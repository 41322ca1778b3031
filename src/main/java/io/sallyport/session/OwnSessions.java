package io.sallyport.session;

import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lists and ends a person's sessions on behalf of that person. Blocking. */
public class OwnSessions {
    private static final int MOST_SHOWN = 100;

    private final JdbcClient jdbc;
    private final SessionLedger ledger;

    OwnSessions(JdbcClient jdbc, SessionLedger ledger) {
        this.jdbc = jdbc;
        this.ledger = ledger;
    }

    /**
     * One session.
     *
     * @param device such as {@code Firefox on Linux}, null when unknown
     * @param ip where the person signed in from
     */
    public record Open(
            IdentityNonce nonce,
            Instant since,
            Instant until,
            @Nullable String device,
            @Nullable String ip,
            @Nullable String country) {}

    /** The open sessions, newest first. */
    public List<Open> of(UserId user, Instant now) {
        return jdbc.sql("""
                        select s.nonce, s.created_at, s.expires_at, s.device,
                               s.identity ->> 'ip' as ip, s.identity ->> 'country' as country
                          from open_sessions s
                         where s.user_id = :user and s.expires_at > :now
                           and not exists (select 1 from app_passes p where p.nonce = s.nonce)
                         order by s.created_at desc limit :most""")
                .param("user", user.value())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("most", MOST_SHOWN)
                .query(OwnSessions::read)
                .list();
    }

    /** Ends one of the person's own sessions; false when there is no such session of theirs. */
    public boolean end(UserId user, IdentityNonce nonce) {
        boolean own = jdbc.sql("select count(*) from sessions where nonce = :nonce and user_id = :user")
                        .param("nonce", nonce.value())
                        .param("user", user.value())
                        .query(Long.class)
                        .single()
                == 1;
        if (own) {
            ledger.revokeSession(nonce);
        }
        return own;
    }

    /**
     * Ends all of the person's sessions, but no app passes. Unlike a revocation by an admin it does not refuse new
     * logins for a while.
     */
    public void endAll(UserId user, Instant now) {
        jdbc.sql("""
                        select nonce from open_sessions s where user_id = :user and expires_at > :now
                           and not exists (select 1 from app_passes p where p.nonce = s.nonce)""")
                .param("user", user.value())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(String.class)
                .list()
                .forEach(nonce -> ledger.revokeSession(new IdentityNonce(nonce)));
    }

    private static Open read(ResultSet row, int number) throws SQLException {
        return new Open(
                new IdentityNonce(row.getString("nonce")),
                row.getTimestamp("created_at").toInstant(),
                row.getTimestamp("expires_at").toInstant(),
                row.getString("device"),
                row.getString("ip"),
                row.getString("country"));
    }
}
