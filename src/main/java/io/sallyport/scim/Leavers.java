package io.sallyport.scim;

import io.sallyport.identity.UserId;
import io.sallyport.session.SessionLedger;
import java.sql.Array;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Applies a directory's changes to sessions, in the transaction that stores the change. */
class Leavers {
    private final JdbcClient jdbc;
    private final SessionLedger sessions;

    Leavers(JdbcClient jdbc, SessionLedger sessions) {
        this.jdbc = jdbc;
        this.sessions = sessions;
    }

    /** A person was disabled or deleted: ends all of the person's sessions, whatever provider they began with. */
    void left(Directory directory, Collection<String> emails) {
        if (directory.deprovision()) {
            people(emails).forEach(sessions::revokeUser);
        }
    }

    /**
     * A person's addresses changed: ends sessions under an address that nobody in the directory has any more, because a
     * later change under the new address would not reach them.
     */
    void renamed(Directory directory, Collection<String> addresses) {
        if (addresses.isEmpty()) {
            return;
        }
        left(
                directory,
                jdbc.sql("""
                                select address from unnest(:addresses) address
                                 where not exists (select from scim_users s
                                                    where s.idp_id = :idp and s.active and address = any(s.emails))""")
                        .param("addresses", addresses.toArray(String[]::new))
                        .param("idp", directory.idp())
                        .query((row, number) -> row.getString(1))
                        .list());
    }

    /** Somebody's groups changed. */
    void regrouped(Directory directory, Collection<UUID> members) {
        Set<UserId> refreshed = new LinkedHashSet<>();
        for (UUID member : members) {
            switch (directory.updates()) {
                case AUTOMATIC -> refreshed.addAll(refresh(directory, member));
                case REAUTH -> people(emails(member)).forEach(sessions::revokeUser);
                case NO_ACTION -> {}
            }
        }
        readPassesAnew(refreshed);
    }

    /** Lets replicas rebuild their snapshot when it contains app passes of these people. */
    private void readPassesAnew(Set<UserId> people) {
        if (!people.isEmpty()) {
            jdbc.sql("""
                            with next as (
                              update config_version set version = version + 1
                               where exists (select from app_passes p join sessions s on s.nonce = p.nonce
                                              where s.user_id in (:people) and s.revoked_at is null)
                              returning version)
                            select pg_notify('sallyport_config', version::text) from next""")
                    .param("people", people.stream().map(UserId::value).toList())
                    .query((row, number) -> "")
                    .list();
        }
    }

    /** The stored identity gets the directory's groups, and tokens are issued anew from it at their next use. */
    private Set<UserId> refresh(Directory directory, UUID member) {
        Set<UserId> refreshed = new LinkedHashSet<>();
        for (UserId person : people(emails(member))) {
            int changed = jdbc.sql("""
                            update sessions set identity = jsonb_set(identity, '{groups}', coalesce((
                                select jsonb_agg(jsonb_build_object('id', coalesce(g.external_id, g.display_name),
                                                                    'name', g.display_name) order by g.display_name)
                                  from scim_members m join scim_groups g on g.id = m.group_id
                                 where m.user_id = :member), '[]'))
                             where user_id = :person and idp_id = :idp and revoked_at is null""")
                    .param("member", member)
                    .param("person", person.value())
                    .param("idp", directory.idp())
                    .update();
            if (changed > 0) {
                sessions.refreshUser(person);
                refreshed.add(person);
            }
        }
        return refreshed;
    }

    private List<UserId> people(Collection<String> emails) {
        return emails.isEmpty()
                ? List.of()
                : jdbc.sql("select id from users where email in (:emails)")
                        .param("emails", emails)
                        .query((row, i) -> new UserId(row.getObject(1, UUID.class)))
                        .list();
    }

    private List<String> emails(UUID member) {
        return jdbc.sql("select emails from scim_users where id = ?")
                .param(member)
                .query((row, i) -> texts(row.getArray(1)))
                .optional()
                .orElse(List.of());
    }

    static List<String> texts(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }
}
