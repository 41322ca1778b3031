package io.sallyport.tunnel;

import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.SnapshotListener;
import io.sallyport.snapshot.TunnelGrant;
import io.sallyport.snapshot.TunnelSecret;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.RpcConnection.Answer;
import io.sallyport.tunnel.wire.Withdrawals;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which connectors may serve a tunnel, by comparing account, tunnel id and secret with the snapshot only
 * (TU-02). Also pushes the configuration to remotely managed connectors, at registration and whenever a snapshot has a
 * newer one.
 */
final class Registrar implements SnapshotListener {
    /** Outcome of a registration. */
    sealed interface Outcome {
        /** The connection is registered. */
        record Accepted(TunnelConnection connection, TunnelGrant grant) implements Outcome {}

        /** The registration was refused. */
        record Refused(RegistrationResult.Refused result) implements Outcome {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Registrar.class);
    private static final Duration RETRY = Duration.ofSeconds(5);
    /** In cloudflared's words, which do not tell what was wrong. */
    private static final String NOT_GRANTED = "Unauthorized: Invalid tunnel secret";
    /** The secret to compare with when there is no such tunnel, so that the refusal takes the same time. */
    private static final TunnelSecret NOBODYS = nobodys();

    private final SnapshotHolder snapshots;
    private final TunnelDirectory directory;
    private final TunnelMetrics metrics;
    private final WithdrawalFeed feed;
    private final List<ConnectionListener> listeners;
    private final InstantSource clock;
    private final String location;

    /**
     * Follows the snapshots from now on.
     *
     * @param metrics follow the snapshots too, as does the feed
     * @param listeners are told of registrations and their ends
     * @param location short name of this site
     */
    Registrar(
            SnapshotHolder snapshots,
            TunnelDirectory directory,
            TunnelMetrics metrics,
            WithdrawalFeed feed,
            List<ConnectionListener> listeners,
            InstantSource clock,
            String location) {
        this.snapshots = snapshots;
        this.directory = directory;
        this.metrics = metrics;
        this.feed = feed;
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
        this.location = location;
        snapshots.listen(feed);
        Snapshot now = snapshots.current();
        if (now != null) {
            feed.swapped(now);
        }
        snapshots.listen(metrics);
        snapshots.listen(this);
    }

    /** Short name of this site, which connectors log. */
    String location() {
        return location;
    }

    /** Puts a connection into service, or refuses it with a reason for the connector's log. */
    Outcome register(ControlCall.Register call, TunnelTransport transport) {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null || snapshots.stale()) {
            // cloudflared ends at start for any cause that does not contain this word.
            return refused(call, transport, "Unauthorized: the edge has no current configuration yet");
        }
        TunnelGrant grant = granted(call, snapshot);
        if (grant == null) {
            return refused(call, transport, NOT_GRANTED);
        }
        TunnelConnection connection = new TunnelConnection(
                UUID.randomUUID(),
                new TunnelConnection.Key(grant.id(), call.options().clientId(), call.connIndex()),
                call.options(),
                transport,
                metrics.requests(grant.id()),
                clock.instant(),
                System::nanoTime);
        try {
            directory.add(connection).ifPresent(replaced -> replaced.retire("replaced by a newer connection"));
        } catch (TunnelDirectory.TooManyException e) {
            return refused(call, transport, "Unauthorized: too many connections for this tunnel");
        }
        transport.onClose(() -> gone(connection, transport.reason()));
        transport.traffic().whenFailed(failure -> failed(connection, failure));
        listeners.forEach(each -> each.registered(connection));
        // A snapshot that was swapped just now may have missed this connection, because it was not in the directory
        // yet.
        TunnelGrant newest = newest(grant);
        if (newest == null) {
            configure(connection, null);
            return refused(call, transport, NOT_GRANTED);
        }
        LOG.info(
                "tunnel {} has connection {} of connector {} ({}) over {} from {}",
                grant.id(),
                connection.index(),
                connection.client(),
                printable(connection.version()),
                connection.protocol().word(),
                connection.remoteAddress());
        return new Outcome.Accepted(connection, newest);
    }

    /** The tunnel of which the connector has named account, id and secret; null when one of them is wrong. */
    private static @Nullable TunnelGrant granted(ControlCall.Register call, Snapshot snapshot) {
        TunnelGrant grant = snapshot.tunnels().get(new TunnelId(call.tunnelId()));
        boolean isSecretRight = (grant == null ? NOBODYS : grant.secret())
                .matches(call.auth().secret().exposeSecretBytes());
        boolean isAccountRight =
                snapshot.settings().accountId().equals(call.auth().accountTag());
        return isSecretRight && isAccountRight ? grant : null;
    }

    private @Nullable TunnelGrant newest(TunnelGrant known) {
        Snapshot now = snapshots.current();
        return now == null ? known : now.tunnels().get(known.id());
    }

    private Outcome refused(ControlCall.Register call, TunnelTransport transport, String cause) {
        listeners.forEach(ConnectionListener::refused);
        LOG.warn("{} may not register for tunnel {}: {}", transport.remoteAddress(), call.tunnelId(), cause);
        return new Outcome.Refused(new RegistrationResult.Refused(cause, RETRY, true));
    }

    /** Pushes the configuration to one connection, if its tunnel is remotely managed. */
    void configure(TunnelConnection connection, @Nullable TunnelGrant grant) {
        if (grant == null) {
            connection.close("the tunnel was deleted");
        } else if (grant.remotelyManaged() && grant.configJson() != null) {
            connection.push(
                    grant.configVersion(),
                    grant.configJson(),
                    version -> listeners.forEach(each -> each.configured(connection, version)));
        }
    }

    /** Tells a connector of ours which sessions, persons and keys are revoked, now and after each change. */
    void inform(TunnelTransport transport, BiConsumer<Withdrawals, Consumer<Answer>> call) {
        feed.follow(new WithdrawalFollower(transport.executor(), call, feed::known), transport);
    }

    @Override
    public void swapped(Snapshot snapshot) {
        directory.all().forEach(each -> configure(each, snapshot.tunnels().get(each.tunnel())));
    }

    /** The connector asked to stop: no new requests, and the connection is closed when the last one is answered. */
    void unregister(TunnelConnection connection) {
        connection.retire("the connector unregistered");
    }

    /** Stores the rules of the connector's local file for admins to see; they create no routes (TU-02). */
    void keep(TunnelConnection connection, byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        listeners.forEach(each -> each.localConfiguration(connection, text));
    }

    /** The control stream ended; unless the connector had unregistered, that ends the connection. */
    void controlEnded(TunnelConnection connection) {
        if (connection.isUsable()) {
            connection.close("its control stream ended");
        }
    }

    private void failed(TunnelConnection connection, TunnelFailure failure) {
        connection.noteError(new TunnelLedger.LastError(clock.instant(), failure.getMessage()));
        listeners.forEach(each -> each.failed(connection, failure));
    }

    private void gone(TunnelConnection connection, String reason) {
        directory.remove(connection);
        listeners.forEach(each -> each.gone(connection, reason));
        LOG.info(
                "tunnel {} lost connection {} of connector {}: {}",
                connection.tunnel(),
                connection.index(),
                connection.client(),
                reason);
    }

    private static String printable(String text) {
        return text.replaceAll("[^!-~]", "?").substring(0, Math.min(text.length(), 40));
    }

    private static TunnelSecret nobodys() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return new TunnelSecret(bytes);
    }
}
