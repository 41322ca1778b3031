package io.sallyport.connector;

import io.netty.channel.EventLoop;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.RegistrationResult;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one of the connector's connections up: connects, registers, waits until it ends, pauses, and starts again.
 * Everything runs on one event loop, except name resolution.
 */
final class ConnectionKeeper {
    private static final Duration LONGEST_EDGE_WISH = Duration.ofSeconds(60);
    /**
     * Delay after the edge has agreed to stop, in which requests sent before that can still arrive (QUIC streams are
     * not ordered among each other).
     */
    private static final long LAST_ARRIVALS_MILLIS = 100;

    /** What the edge says of a tunnel that it does not know, and of a secret that is not the tunnel's. */
    private static final String WRONG_SECRET = "Invalid tunnel secret";

    private static final String NEW_SECRET =
            "; the tunnel was deleted or got another secret: get its token again with 'sallyport tunnel token'";

    private final Connector connector;
    private final int index;
    private final EventLoop loop;
    private final Backoff backoff;
    private volatile @Nullable EdgeConnection connection;
    private @Nullable Instant lostAt;
    private int failures;
    /** The pause that the edge asked for. */
    private Duration wish = Duration.ZERO;

    private boolean isStopping;
    private volatile boolean isRegistered;

    ConnectionKeeper(Connector connector, int index, EventLoop loop, RandomGenerator random) {
        this.connector = connector;
        this.index = index;
        this.loop = loop;
        this.backoff = new Backoff(connector.settings().retries(), random);
    }

    /** Starts; ends only by {@link #stop}. */
    void start() {
        loop.execute(this::attempt);
    }

    /** Whether the connection is registered, so that requests can arrive. */
    boolean isRegistered() {
        return isRegistered;
    }

    /** The connection as it is now; null when there is none. Read on any thread, for display. */
    @Nullable
    EdgeConnection current() {
        return isRegistered ? connection : null;
    }

    private void attempt() {
        if (isStopping) {
            return;
        }
        Protocol protocol = connector.choice().current(connector.clock().instant());
        EdgeConnection.Transport transport = connector.transport(protocol);
        EdgeConnection.Transport other = connector
                .choice()
                .alternative(protocol)
                .map(connector::transport)
                .orElse(null);
        address()
                .thenCompose(edge -> EdgeDial.open(loop, edge, transport, other, EdgeDial.SILENCE))
                .whenCompleteAsync(
                        (opened, failure) -> {
                            if (failure != null) {
                                undialled(protocol, failure);
                            } else {
                                dialled(protocol, opened);
                            }
                        },
                        loop);
    }

    private void dialled(Protocol protocol, EdgeDial.Opened opened) {
        if (opened.connection().protocol() != protocol) {
            Instant now = connector.clock().instant();
            Throwable refusal = opened.refusal();
            if (refusal == null) {
                connector.choice().overtaken(now);
            } else {
                connector.choice().refused(EdgeFault.inWords(refusal), now);
            }
        }
        register(opened.connection());
    }

    private CompletableFuture<InetSocketAddress> address() {
        CompletableFuture<InetSocketAddress> found = new CompletableFuture<>();
        int turn = index + failures;
        Thread.ofVirtual().name("edge address").start(() -> {
            try {
                found.complete(connector.addresses().pick(turn));
            } catch (UnknownHostException e) {
                found.completeExceptionally(e);
            }
        });
        return found;
    }

    private void undialled(Protocol protocol, Throwable failure) {
        if (isStopping) {
            return;
        }
        failures++;
        connector
                .log()
                .error(
                        "Unable to establish connection with the edge",
                        "connIndex",
                        Integer.toString(index),
                        "edge",
                        EdgeFault.address(failure)
                                .orElseGet(() ->
                                        String.join(",", connector.settings().edges())),
                        "protocol",
                        protocol.word(),
                        "error",
                        // The advice once an outage: it would hide what changes from one attempt to the next.
                        EdgeFault.inWords(failure) + (failures == 1 ? EdgeFault.advice(failure) : ""));
        again(Duration.ZERO);
    }

    private void register(EdgeConnection opened) {
        if (isStopping) {
            opened.channel().close();
            return;
        }
        connection = opened;
        opened.channel().closeFuture().addListener(closed -> lost(opened));
        opened.control()
                .register(new ControlCall.Register(
                        connector.auth(),
                        connector.settings().credentials().tunnelId(),
                        index,
                        connector.options(opened, backoff.attempts())))
                .whenCompleteAsync(
                        (result, failure) -> {
                            if (failure != null) {
                                notRegistered(EdgeFault.inWords(failure));
                                opened.channel().close();
                            } else {
                                answered(opened, result);
                            }
                        },
                        loop);
    }

    private void answered(EdgeConnection opened, RegistrationResult result) {
        switch (result) {
            // The answer and the end arrived in one read, so lost() has run already: do not register a dead connection.
            case RegistrationResult.Registered _
            when !opened.channel().isActive() ->
                connector
                        .log()
                        .warn("The edge closed a connection as it registered it", "connIndex", Integer.toString(index));
            case RegistrationResult.Registered registered -> registered(opened, registered);
            case RegistrationResult.Refused refused -> refused(opened, refused);
        }
    }

    private void registered(EdgeConnection opened, RegistrationResult.Registered registered) {
        isRegistered = true;
        lostAt = null;
        failures = 0;
        backoff.succeeded();
        connector.choice().worked(opened.protocol());
        connector.metrics().registered();
        connector
                .log()
                .info(
                        "Registered tunnel connection",
                        "connIndex",
                        Integer.toString(index),
                        "connection",
                        registered.connectionId().toString(),
                        "location",
                        registered.location(),
                        "ip",
                        opened.edge().getAddress().getHostAddress(),
                        "protocol",
                        opened.protocol().word());
        connector.registered(index, opened, registered.isRemotelyManaged());
    }

    private void refused(EdgeConnection opened, RegistrationResult.Refused refused) {
        connector.metrics().refused();
        notRegistered(
                failures == 0 && refused.cause().contains(WRONG_SECRET)
                        ? refused.cause() + NEW_SECRET
                        : refused.cause());
        connector.refused(index, refused);
        wish = refused.retryAfter();
        opened.channel().close();
    }

    private void notRegistered(String reason) {
        if (isStopping) {
            return; // it is this connector's own end
        }
        connector
                .log()
                .error("Register tunnel error from server side", "connIndex", Integer.toString(index), "error", reason);
        failures++;
    }

    /** The connection has closed, for whatever reason. */
    private void lost(EdgeConnection gone) {
        boolean wasRegistered = isRegistered;
        isRegistered = false;
        connection = null;
        if (wasRegistered && !isStopping) {
            connector.metrics().connectionLost();
            connector
                    .log()
                    .warn(
                            "Lost connection with the edge",
                            "connIndex",
                            Integer.toString(index),
                            "ip",
                            gone.edge().getAddress().getHostAddress());
        }
        connector.connectionEnded();
        Duration least = wish;
        wish = Duration.ZERO;
        again(least);
    }

    private void again(Duration least) {
        if (isStopping) {
            return;
        }
        Instant now = connector.clock().instant();
        Instant since = lostAt == null ? now : lostAt;
        lostAt = since;
        Duration outage = Duration.between(since, now);
        Duration alone = backoff.next(outage);
        Duration wait = connector.isCutOff() && Backoff.isShort(outage)
                ? connector.turns().next(now)
                : alone;
        Duration capped = least.compareTo(LONGEST_EDGE_WISH) > 0 ? LONGEST_EDGE_WISH : least;
        Duration chosen = wait.compareTo(capped) < 0 ? capped : wait;
        connector
                .log()
                .info(
                        "Retrying connection in up to " + Math.max(1, chosen.toSeconds()) + "s",
                        "connIndex",
                        Integer.toString(index));
        loop.schedule(this::attempt, chosen.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Reports changed local rules to the edge. */
    void upload(byte[] json) {
        loop.execute(() -> {
            EdgeConnection current = connection;
            if (current != null && isRegistered) {
                current.control().upload(json).whenComplete((done, failure) -> {
                    if (failure != null) {
                        connector
                                .log()
                                .warn("Failed to send the local configuration", "error", EdgeFault.inWords(failure));
                    }
                });
            }
        });
    }

    /**
     * Stops gracefully: no new requests, running ones finish, then the connection closes, at the latest after the grace
     * period.
     *
     * @return completes when the connection is closed
     */
    CompletableFuture<Void> stop(Duration grace) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        loop.execute(() -> {
            isStopping = true;
            EdgeConnection current = connection;
            if (current == null) {
                closed.complete(null);
                return;
            }
            current.channel().closeFuture().addListener(done -> closed.complete(null));
            if (!isRegistered || grace.isZero()) {
                current.channel().close();
                return;
            }
            loop.schedule(() -> current.channel().close(), grace.toMillis(), TimeUnit.MILLISECONDS);
            current.control().unregister(grace).whenComplete((agreed, failure) -> {
                connector.log().info("Unregistered tunnel connection", "connIndex", Integer.toString(index));
                loop.schedule(() -> closeWhenQuiet(current), LAST_ARRIVALS_MILLIS, TimeUnit.MILLISECONDS);
            });
        });
        return closed;
    }

    /** Closes the connection when nothing runs on it any more, if the edge does not. */
    private void closeWhenQuiet(EdgeConnection current) {
        if (current.channel().isActive()) {
            if (connector.metrics().concurrent() == 0) {
                current.channel().close();
            } else {
                loop.schedule(() -> closeWhenQuiet(current), LAST_ARRIVALS_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }
}
