package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotListener;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the deployment's ledger in step with this replica's connections. Event loops only leave word of what happened; one thread
 * writes it down, and what the database did not take is written with the next heartbeat. Traffic never waits for it: while the
 * database is away, tunnels work on. However often connectors have something to say, one writing waits at most, so that heartbeats
 * come in their time; and what a connector says of its own rules, as large and as often as it likes, is written once a heartbeat.
 */
final class LedgerKeeper implements ConnectionListener, SnapshotListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerKeeper.class);

    /** A connector's applied version is the same over all its connections. */
    private record Connector(TunnelId tunnel, UUID client) {}

    private final TunnelLedger ledger;
    /** A connection's end. */
    private record Gone(String reason, TunnelLedger.Traffic last) {}

    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("tunnel-ledger").factory());
    private final Map<UUID, TunnelConnection> held = new ConcurrentHashMap<>();
    private final Map<UUID, Gone> gone = new ConcurrentHashMap<>();
    private final Map<Connector, Integer> configured = new ConcurrentHashMap<>();
    private final Map<TunnelId, String> local = new ConcurrentHashMap<>();
    private final AtomicBoolean writeAhead = new AtomicBoolean();
    private final AtomicBoolean beatAhead = new AtomicBoolean();
    /** The writer's own: which of those held stand in the ledger. */
    private final Set<UUID> noted = new HashSet<>();

    LedgerKeeper(TunnelLedger ledger) {
        this.ledger = ledger;
        long period = TunnelLedger.HEARTBEAT.toMillis();
        writer.scheduleAtFixedRate(this::beat, period, period, TimeUnit.MILLISECONDS);
    }

    @Override
    public void registered(TunnelConnection connection) {
        held.put(connection.id(), connection);
        soon(writeAhead, this::write);
    }

    @Override
    public void gone(TunnelConnection connection, String reason) {
        held.remove(connection.id());
        gone.put(connection.id(), new Gone(reason, connection.traffic()));
        soon(writeAhead, this::write);
    }

    @Override
    public void configured(TunnelConnection connection, int version) {
        configured.put(new Connector(connection.tunnel(), connection.client()), version);
        soon(writeAhead, this::write);
    }

    @Override
    public void localConfiguration(TunnelConnection connection, String json) {
        local.put(connection.tunnel(), json);
    }

    /** An admin may have dropped connections; the change that brought this snapshot may be just that. */
    @Override
    public void swapped(Snapshot snapshot) {
        soon(beatAhead, this::beat);
    }

    private void soon(AtomicBoolean ahead, Runnable step) {
        if (!writer.isShutdown() && ahead.compareAndSet(false, true)) {
            writer.execute(() -> {
                ahead.set(false);
                step.run();
            });
        }
    }

    private void write() {
        try {
            writeDown();
        } catch (RuntimeException e) {
            LOG.info("the ledger of connections is written later: {}", e.toString());
        }
    }

    private void beat() {
        try {
            writeDown();
            writeLocal();
            TunnelLedger.Heartbeat found = ledger.heartbeat(traffic());
            if (found.forgotten()) {
                noted.clear();
                writeDown();
                return;
            }
            Set<UUID> dropped =
                    noted.stream().filter(id -> !found.noted().contains(id)).collect(Collectors.toSet());
            noted.removeAll(dropped);
            for (UUID id : dropped) {
                TunnelConnection connection = held.get(id);
                if (connection != null) {
                    connection.close("dropped by an administrator");
                }
            }
        } catch (RuntimeException e) {
            LOG.info("the ledger of connections does not answer: {}", e.toString());
        }
    }

    private void writeDown() {
        for (TunnelConnection each : held.values()) {
            if (!noted.contains(each.id())) {
                if (ledger.registered(each.registration())) {
                    noted.add(each.id());
                } else {
                    each.close("the tunnel was deleted");
                }
            }
        }
        gone.forEach((id, end) -> {
            ledger.closed(id, end.reason(), end.last());
            noted.remove(id);
            gone.remove(id);
        });
        configured.forEach((connector, version) -> {
            ledger.configured(connector.tunnel(), connector.client(), version);
            configured.remove(connector, version);
        });
    }

    private void writeLocal() {
        local.forEach((tunnel, json) -> {
            ledger.localConfiguration(tunnel, json);
            local.remove(tunnel, json);
        });
    }

    private Map<UUID, TunnelLedger.Traffic> traffic() {
        return held.values().stream()
                .filter(each -> noted.contains(each.id()))
                .collect(Collectors.toMap(TunnelConnection::id, TunnelConnection::traffic));
    }

    /** This replica's last word. */
    @Override
    public void close() {
        writer.execute(() -> {
            try {
                ledger.leave("the replica was stopped");
            } catch (RuntimeException e) {
                LOG.info("the ledger of connections will notice by itself: {}", e.toString());
            }
        });
        writer.shutdown();
        try {
            if (!writer.awaitTermination(2, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
