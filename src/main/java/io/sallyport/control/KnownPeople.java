package io.sallyport.control;

import io.sallyport.catalog.UserRepository;
import io.sallyport.catalog.UserRow;
import io.sallyport.decision.Decisions;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.data.domain.PageRequest;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads all known people with the stored identity of their newest login. */
final class KnownPeople {
    private static final int MOST = 50_000;
    private static final int IDENTITIES_AT_ONCE = 2000;

    private final UserRepository users;
    private final Decisions decisions;
    private final JdbcClient jdbc;

    KnownPeople(UserRepository users, Decisions decisions, JdbcClient jdbc) {
        this.users = users;
        this.decisions = decisions;
        this.jdbc = jdbc;
    }

    /** The 50,000 oldest users, oldest first. */
    List<UserRow> everybody() {
        return users.findAll(PageRequest.of(0, MOST, Filters.BY_AGE)).getContent();
    }

    /** The newest stored identity of each user who signed in. */
    Map<UUID, Identity> newestIdentities() {
        Map<UUID, Identity> newest = new HashMap<>();
        List<IdentityNonce> nonces = jdbc.sql("""
                        select distinct on (user_id) nonce from sessions
                        order by user_id, created_at desc, nonce limit ?""")
                .param(MOST)
                .query((row, number) -> new IdentityNonce(row.getString(1)))
                .list();
        identities(nonces)
                .values()
                .forEach(identity -> newest.put(identity.user().value(), identity));
        return newest;
    }

    /** Stored identities by their logins. */
    Map<IdentityNonce, Identity> identities(List<IdentityNonce> nonces) {
        Map<IdentityNonce, Identity> all = new HashMap<>();
        for (int i = 0; i < nonces.size(); i += IDENTITIES_AT_ONCE) {
            all.putAll(decisions.identities(nonces.subList(i, Math.min(nonces.size(), i + IDENTITIES_AT_ONCE))));
        }
        return all;
    }
}
