package io.sallyport.catalog;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * A stage on which a change is tried. For the rest of the transaction every table that changes of the configuration
 * write is hidden by a temporary copy with the same rows, constraints and triggers, which other transactions cannot
 * see. So the code of real changes runs unmodified and holds no lock that another transaction could wait for: a plan of
 * any size delays nobody, on any replica.
 *
 * <p>A write to another table is an error: {@link #requireNothingTouched}. A new table that changes of the
 * configuration write belongs into one of the two lists here.
 */
public class Rehearsal {
    /** Tables that changes read and write. */
    private static final List<String> COPIED = List.of(
            "account",
            "config_version",
            "organization",
            "applications",
            "application_destinations",
            "policies",
            "application_policies",
            "access_groups",
            "identity_providers",
            "saml_certificates",
            "saml_metadata_readings",
            "scim_secrets",
            "service_tokens",
            "tags",
            "lists",
            "list_items",
            "hostname_claims",
            "origins",
            "tunnels",
            "tunnel_configurations",
            "tunnel_hostnames",
            "tunnel_connectors",
            "tunnel_connections",
            "zones",
            "dns_records",
            "certificates",
            "certificate_settings",
            "key_settings",
            "signing_keys",
            "custom_pages",
            "workload_issuers",
            "audit_head");

    /** Tables that changes only add to; their copies start empty, and without the triggers that notify others. */
    private static final List<String> EMPTY = List.of("audit_log", "revocations", "dns_updates", "tunnel_disconnects");

    /** Rules are read before a copy hides its original, and spelled without a schema, so that they bind copies to copies. */
    private static final String RAISE = """
            do $stage$
            declare
                copied text[] := '{%s}';
                blank text[] := '{%s}';
                home text := current_schema();
                rules text[];
                each text;
                counter record;
            begin
                select array_agg(rule) into rules from (
                    select format('alter table %%I add constraint %%I %%s', t.relname, c.conname, pg_get_constraintdef(c.oid)) as rule
                      from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class f on f.oid = c.confrelid
                     where c.contype = 'f' and t.relnamespace = home::regnamespace and f.relnamespace = t.relnamespace
                       and t.relname = any(copied) and f.relname = any(copied)
                    union all
                    select pg_get_triggerdef(g.oid, true)
                      from pg_trigger g join pg_class t on t.oid = g.tgrelid
                     where not g.tgisinternal and t.relnamespace = home::regnamespace
                       and t.relname in ('origins', 'tunnel_hostnames')) every;
                perform set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true);
                foreach each in array copied || blank loop
                    execute format('create temp table %%I (like %%I.%%I including all) on commit drop', each, home, each);
                end loop;
                foreach each in array copied loop
                    execute format('insert into pg_temp.%%I (%%s) overriding system value select %%2$s from %%I.%%I', each,
                        (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                          where attrelid = format('%%I.%%I', home, each)::regclass and attnum > 0 and not attisdropped
                            and attgenerated = ''), home, each);
                end loop;
                for counter in select t.relname, a.attname from pg_attribute a join pg_class t on t.oid = a.attrelid
                    where t.relnamespace = pg_my_temp_schema() and t.relname = any(copied) and a.attidentity <> '' loop
                    execute format('select setval(pg_get_serial_sequence(%%L, %%L), (select coalesce(max(%%I), 0) + 1 from %%I), false)',
                        'pg_temp.' || counter.relname, counter.attname, counter.attname, counter.relname);
                end loop;
                foreach each in array coalesce(rules, '{}') loop
                    execute each;
                end loop;
            end $stage$""".formatted(String.join(",", COPIED), String.join(",", EMPTY));

    private final JdbcTemplate jdbc;

    Rehearsal(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** Hides the tables until the surrounding transaction ends, which must not commit. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void raise() {
        jdbc.execute(RAISE);
    }

    /**
     * Looks at the locks of the surrounding transaction.
     *
     * @throws IllegalStateException when a table of the schema was written or its rows were locked
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void requireNothingTouched() {
        Set<String> touched = new TreeSet<>(jdbc.queryForList("""
                        select distinct t.relname from pg_locks l join pg_class t on t.oid = l.relation
                        where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode <> 'AccessShareLock'
                          and t.relkind = 'r' and t.relnamespace not in (pg_my_temp_schema(), 'pg_catalog'::regnamespace)""", String.class));
        if (!touched.isEmpty()) {
            throw new IllegalStateException("a rehearsal touched " + touched);
        }
    }
}
