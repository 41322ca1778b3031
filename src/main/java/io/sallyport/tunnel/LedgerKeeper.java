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
 * Keeps the deployment's ledger in step with this replica's connections. Event loops only record what happened; one
 * thread writes it to the database, and repeats with the next heartbeat what the database did not accept. Traffic never
 * waits for it: tunnels go on working while the database is down. However many events there are, at most one write is
 * queued, so that heartbeats are on time. A connector's local configuration, which may be large and change often, is
 * written once per heartbeat at most.
 */
final class LedgerKeeper implements ConnectionListener, SnapshotListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerKeeper.class);

    /** Limit of closed connections that wait to be recorded. Beyond it, the next heartbeat finds their rows and deletes them. */
    private static final int MOST_ENDS = 20_000;

    private static final TunnelLedger.Traffic UNKNOWN = new TunnelLedger.Traffic(0, 0, 0, null, null);

    /** A connector's applied version is the same over all its connections. */
    private record Connector(TunnelId tunnel, UUID client) {}

    /** A closed connection. */
    private record Gone(String reason, TunnelLedger.Traffic last) {}

    private final TunnelLedger ledger;
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("tunnel-ledger").factory());
    private final Map<UUID, TunnelConnection> held = new ConcurrentHashMap<>();
    private final Map<UUID, Gone> gone = new ConcurrentHashMap<>();
    private final Map<Connector, Integer> configured = new ConcurrentHashMap<>();
    private final Map<TunnelId, String> local = new ConcurrentHashMap<>();
    private final AtomicBoolean writeAhead = new AtomicBoolean();
    private final AtomicBoolean beatAhead = new AtomicBoolean();
    /** The connections that are in the ledger. Only the writing thread uses it. */
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
        if (gone.size() < MOST_ENDS) {
            gone.put(connection.id(), new Gone(reason, connection.traffic()));
        }
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

    /** Sends a heartbeat, because the change may be an admin dropping connections. */
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
            LOG.info("the connection ledger cannot be written, trying again with the next heartbeat: {}", e.toString());
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
            closeDropped(found);
            strikeOutUnheld(found);
        } catch (RuntimeException e) {
            LOG.info("the heartbeat to the connection ledger failed: {}", e.toString());
        }
    }

    private void closeDropped(TunnelLedger.Heartbeat found) {
        Set<UUID> dropped =
                noted.stream().filter(id -> !found.noted().contains(id)).collect(Collectors.toSet());
        noted.removeAll(dropped);
        for (UUID id : dropped) {
            // No longer held, though it takes a moment to close: the next write would put it back, and it would end
            // twice.
            TunnelConnection connection = held.remove(id);
            if (connection != null) {
                connection.close("dropped by an admin");
            }
        }
    }

    /**
     * Deletes rows of this replica's connections that no longer exist: there were too many closed ones to remember, or
     * the reply of the database was lost.
     */
    private void strikeOutUnheld(TunnelLedger.Heartbeat found) {
        for (UUID id : found.noted()) {
            if (!held.containsKey(id) && !gone.containsKey(id)) {
                unlessRefused(() -> ledger.closed(id, "its end was not recorded", UNKNOWN));
                noted.remove(id);
            }
        }
    }

    private void writeDown() {
        for (TunnelConnection each : held.values()) {
            if (!noted.contains(each.id())) {
                note(each);
            }
        }
        gone.forEach((id, end) -> {
            if (noted.contains(id)) {
                unlessRefused(() -> ledger.closed(id, end.reason(), end.last()));
                noted.remove(id);
            }
            gone.remove(id);
        });
        configured.forEach((connector, version) -> {
            ledger.configured(connector.tunnel(), connector.client(), version);
            configured.remove(connector, version);
        });
    }

    private void note(TunnelConnection connection) {
        try {
            if (ledger.registered(connection.registration())) {
                noted.add(connection.id());
            } else {
                connection.close("the tunnel was deleted");
            }
        } catch (TunnelLedger.RefusedException refused) {
            LOG.warn(
                    "connection {} is closed, the connection ledger refuses it: {}",
                    connection.id(),
                    refused.getMessage());
            connection.close("it cannot be recorded in the connection ledger");
        }
    }

    /**
     * Runs a step that may be refused because of one connector's data, which must not prevent other writes or the
     * heartbeat.
     */
    private static void unlessRefused(Runnable step) {
        try {
            step.run();
        } catch (TunnelLedger.RefusedException refused) {
            LOG.warn("not recorded in the connection ledger: {}", refused.getMessage());
        }
    }

    private void writeLocal() {
        local.forEach((tunnel, json) -> {
            unlessRefused(() -> ledger.localConfiguration(tunnel, json));
            local.remove(tunnel, json);
        });
    }

    private Map<UUID, TunnelLedger.Traffic> traffic() {
        return held.values().stream()
                .filter(each -> noted.contains(each.id()))
                .collect(Collectors.toMap(TunnelConnection::id, TunnelConnection::traffic));
    }

    /** Deletes this replica's connections from the ledger. */
    @Override
    public void close() {
        writer.execute(() -> {
            try {
                ledger.leave("the replica was stopped");
            } catch (RuntimeException e) {
                LOG.info(
                        "the connection ledger was not told that this replica stops and will time it out: {}",
                        e.toString());
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
