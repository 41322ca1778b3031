package io.sallyport.control;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Who serves a hostname: one tunnel, or origins that the gateway reaches itself (TU-02). The tables refuse a second claim by
 * themselves; here the refusal gets its words, and hosts of our own are nobody's (AD-01). All writers follow each other, so what is
 * found free stays free.
 */
final class HostnameClaims {
    /** The holder of hostnames with origins that the gateway reaches itself. */
    static final UUID GATEWAY = new UUID(0, 0);

    /** What binds a hostname to a tunnel. */
    enum Source {
        CONFIGURATION,
        DNS;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final JdbcClient jdbc;
    private final ReservedHosts reserved;

    HostnameClaims(JdbcClient jdbc, ReservedHosts reserved) {
        this.jdbc = jdbc;
        this.reserved = reserved;
    }

    /** Ends the call with 400 when the hostname is one of ours, and with 409 when somebody else serves it. */
    void requireFree(String hostname, UUID holder, String pointer) {
        reserved.refuse(hostname, pointer);
        Optional<UUID> other = jdbc.sql("select holder from hostname_claims where hostname = ? and holder <> ?")
                .params(hostname, holder)
                .query(UUID.class)
                .optional();
        if (other.isPresent()) {
            String by = other.get().equals(GATEWAY)
                    ? "an origin that the gateway reaches itself; delete that"
                    : "tunnel " + named(other.get()) + "; take the hostname away there";
            throw ApiProblem.conflict(pointer + " " + hostname + " is served by " + by + " first, or use another");
        }
    }

    /** The name of a tunnel as people know it, and its id. */
    private String named(UUID tunnel) {
        return jdbc.sql("select name from tunnels where id = ?")
                .param(tunnel)
                .query(String.class)
                .optional()
                .map(name -> name + " (" + tunnel + ")")
                .orElseGet(tunnel::toString);
    }

    /** Binds one hostname. */
    void bind(String hostname, UUID tunnel, Source source, String pointer) {
        requireFree(hostname, tunnel, pointer);
        jdbc.sql("""
                        insert into tunnel_hostnames (hostname, tunnel_id, source) values (?, ?, ?)
                        on conflict (hostname, source) do nothing""").params(hostname, tunnel, source.text()).update();
    }

    /** Lets one hostname go, if it is bound so. */
    void release(String hostname, UUID tunnel, Source source) {
        jdbc.sql("delete from tunnel_hostnames where hostname = ? and tunnel_id = ? and source = ?")
                .params(hostname, tunnel, source.text())
                .update();
    }

    /**
     * Binds these hostnames and lets go all others that this source had bound.
     *
     * @param hostnames with the pointer of the member that names each
     */
    void replace(UUID tunnel, Source source, Map<String, String> hostnames) {
        jdbc.sql("delete from tunnel_hostnames where tunnel_id = ? and source = ? and not hostname = any(?)")
                .params(tunnel, source.text(), hostnames.keySet().toArray(String[]::new))
                .update();
        hostnames.forEach((hostname, pointer) -> bind(hostname, tunnel, source, pointer));
    }

    /** Lets all hostnames of a tunnel go. */
    void releaseAll(UUID tunnel) {
        jdbc.sql("delete from tunnel_hostnames where tunnel_id = ?")
                .param(tunnel)
                .update();
    }
}
