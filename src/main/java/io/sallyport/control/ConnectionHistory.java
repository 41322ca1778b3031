package io.sallyport.control;

import io.sallyport.identity.TunnelId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * How much is remembered of connectors and connections that are gone: for a time, and of one tunnel only so many, because whoever has
 * its secret may come and go under a new name as fast as a network allows (DO-04).
 */
final class ConnectionHistory {
    /** Connectors of a tunnel that are not connected; more than anybody runs. */
    static final int CONNECTORS_KEPT = 100;
    /** Ends of connections of a tunnel; as many as the API shows. */
    static final int ENDS_KEPT = 1_000;

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final Set<TunnelId> grown = ConcurrentHashMap.newKeySet();

    ConnectionHistory(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** A connection of this tunnel was noted, which may have left one more trace than is kept. */
    void grows(TunnelId tunnel) {
        grown.add(tunnel);
    }

    /** Leaves of each tunnel that grew only the newest; a transaction for each, which locks the tunnel first, as everybody does. */
    void keepFew() {
        for (TunnelId tunnel : Set.copyOf(grown)) {
            grown.remove(tunnel);
            transactions.executeWithoutResult(status -> keepFew(tunnel));
        }
    }

    private void keepFew(TunnelId tunnel) {
        jdbc.sql("select 1 from tunnels where id = ? for no key update")
                .param(tunnel.value())
                .query(Integer.class)
                .optional();
        jdbc.sql("""
                        delete from tunnel_connectors where tunnel_id = :tunnel and client_id in (
                            select client_id from tunnel_connectors c
                            where tunnel_id = :tunnel and not exists (select from tunnel_connections n
                                where n.tunnel_id = c.tunnel_id and n.client_id = c.client_id)
                            order by seen_at desc offset :kept)""")
                .param("tunnel", tunnel.value())
                .param("kept", CONNECTORS_KEPT)
                .update();
        jdbc.sql("""
                        delete from tunnel_disconnects where tunnel_id = :tunnel and closed_at <= (
                            select closed_at from tunnel_disconnects where tunnel_id = :tunnel
                            order by closed_at desc offset :kept limit 1)""").param("tunnel", tunnel.value()).param("kept", ENDS_KEPT).update();
    }

    /** Leaves what is not too old. */
    void forgetTheOld() {
        jdbc.sql("""
                        delete from tunnel_connectors c where seen_at < now() - interval '7 days'
                        and not exists (select from tunnel_connections where tunnel_id = c.tunnel_id and client_id = c.client_id)""").update();
        jdbc.sql("delete from tunnel_disconnects where closed_at < now() - interval '30 days'")
                .update();
    }
}
