package io.sallyport.catalog;

import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The configurations of tunnels, the newest versions of each, each as its text was written. */
public class TunnelConfigurations {
    /**
     * How many versions of a tunnel are kept, of each source. Only the newest is ever in force; every earlier one that an admin wrote is
     * in the audit trail, too.
     */
    public static final int KEPT = 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final JdbcClient jdbc;
    private final EntityManager entities;

    TunnelConfigurations(JdbcClient jdbc, EntityManager entities) {
        this.jdbc = jdbc;
        this.entities = entities;
    }

    /**
     * One version.
     *
     * @param source {@code cloudflare} when it was written through the API, {@code local} when a connector told it
     */
    public record Version(int version, String source, JsonNode config, Instant createdAt) {}

    /** The newest, if there is any. */
    public Optional<Version> newest(UUID tunnel) {
        return jdbc.sql("""
                        select version, source, config::text as config, created_at from tunnel_configurations
                        where tunnel_id = ? order by version desc limit 1""")
                .param(tunnel)
                .query((row, i) -> new Version(
                        row.getInt("version"),
                        row.getString("source"),
                        JSON.readTree(row.getString("config")),
                        row.getTimestamp("created_at").toInstant()))
                .optional();
    }

    /** Those of these tunnels that have one written through the API, and so are managed from here. */
    public Set<UUID> managed(Collection<UUID> tunnels) {
        return new HashSet<>(jdbc.sql("""
                        select distinct tunnel_id from tunnel_configurations
                        where tunnel_id = any(?) and source = 'cloudflare'""")
                .param(tunnels.toArray(UUID[]::new))
                .query(UUID.class)
                .list());
    }

    /** Adds the next version, written through the API, and forgets the oldest of those beyond {@link #KEPT}. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void add(UUID tunnel, JsonNode config, Instant now) {
        entities.flush();
        jdbc.sql("select 1 from tunnels where id = ? for update")
                .param(tunnel)
                .query(Integer.class)
                .single();
        jdbc.sql("""
                        insert into tunnel_configurations (tunnel_id, version, source, config, created_at)
                        select :tunnel, coalesce(max(version), 0) + 1, 'cloudflare', cast(:config as json), :now
                        from tunnel_configurations where tunnel_id = :tunnel""")
                .param("tunnel", tunnel)
                .param("config", config.toString())
                .param("now", OffsetDateTime.ofInstant(now, ZoneOffset.UTC))
                .update();
        jdbc.sql("""
                        delete from tunnel_configurations
                        where tunnel_id = :tunnel and source = 'cloudflare' and version <=
                            (select version from tunnel_configurations where tunnel_id = :tunnel and source = 'cloudflare'
                             order by version desc limit 1 offset :kept)""").param("tunnel", tunnel).param("kept", KEPT).update();
    }
}
