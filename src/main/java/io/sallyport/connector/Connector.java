package io.sallyport.connector;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.quic.Quic;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sallyport.tunnel.wire.ConnectRequest;
import io.sallyport.tunnel.wire.ConnectionOptions;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.TunnelAuth;
import io.sallyport.tunnel.wire.Withdrawals;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The origin's end of a tunnel: keeps several connections to the edge and serves the requests on them. The first one is
 * established alone; after its registration the others follow at intervals of a second, as the edge expects.
 */
public final class Connector {
    private static final int MOST_LOOPS = 4;
    private static final long STAGGER_MILLIS = 1000;
    private static final List<String> FEATURES = List.of(
            "allow_remote_config",
            "serialized_headers",
            "support_quic_eof",
            "management_logs",
            Withdrawals.FEATURE,
            ConnectRequest.MARKS_ENDS);

    private final UUID id = UUID.randomUUID();
    private final ConnectorSettings settings;
    private final ConnectorLog log;
    private final InstantSource clock;
    private final ConnectorMetrics metrics = new ConnectorMetrics();
    private final OriginProxy proxy;
    private final ConfigurationInbox inbox;
    private final EdgeAddresses addresses;
    private final ProtocolChoice choice;
    private final Turns turns;
    private final Http2Transport http2;
    private final @Nullable QuicTransport quic;
    private final EventLoopGroup loops;
    private final List<ConnectionKeeper> keepers = new ArrayList<>();
    private final AtomicBoolean haveOthersStarted = new AtomicBoolean();
    private final AtomicBoolean isStopping = new AtomicBoolean();
    private final CompletableFuture<Void> firstRegistered = new CompletableFuture<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private volatile boolean isRemotelyManaged;

    /**
     * Prepares everything without connecting.
     *
     * @throws InvalidConfiguration when settings or rules are invalid
     */
    public Connector(ConnectorSettings settings, Configuration configuration, ConnectorLog log, InstantSource clock) {
        this.settings = settings;
        this.log = log;
        this.clock = clock;
        this.addresses = new EdgeAddresses(settings.edges(), settings.addressFamily());
        Map<String, String> tags = new HashMap<>(settings.tags());
        tags.put("Id", id.toString());
        Management management = new Management(
                settings.management(),
                settings.credentials(),
                id,
                new LogReaders(log, metrics),
                this::metricsText,
                this::address,
                clock);
        this.proxy = new OriginProxy(configuration, tags, settings.proxies(), management, clock, metrics, log);
        this.inbox = new ConfigurationInbox(proxy, settings.permissions(), log);
        EdgeTls tls = new EdgeTls(settings);
        OurEnd ours = OurEnd.of(proxy, inbox, settings);
        this.http2 = new Http2Transport(tls, ours);
        this.quic = Quic.isAvailable() ? new QuicTransport(tls.udp(), ours) : null;
        this.choice = new ProtocolChoice(
                quic == null ? withoutQuic(settings, log) : settings.protocol().orElse(null), log);
        this.loops = new MultiThreadIoEventLoopGroup(
                Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_LOOPS),
                new DefaultThreadFactory("tunnel", true),
                Sockets.handlers());
        SecureRandom random = new SecureRandom();
        this.turns = new Turns(random);
        for (int i = 0; i < Math.max(1, settings.connections()); i++) {
            keepers.add(new ConnectionKeeper(this, i, loops.next(), random));
        }
    }

    private static Protocol withoutQuic(ConnectorSettings settings, ConnectorLog log) {
        if (settings.protocol().filter(Protocol.QUIC::equals).isPresent()) {
            throw new InvalidConfiguration("QUIC is not available on this machine; use --protocol http2");
        }
        log.warn("Using http2", "reason", "QUIC is not available on this machine");
        return Protocol.HTTP2;
    }

    /** Starts connecting; returns immediately. */
    public void start() {
        log.info("Generated Connector ID: " + id);
        log.info("Initial protocol " + choice.current(clock.instant()).word());
        if (proxy.configuration().ingress().equals(Ingress.NONE)) {
            log.warn(
                    "No ingress rules were defined in provided config (if any) nor from the cli, this connector will return"
                            + " 503 for all incoming HTTP requests");
        }
        keepers.getFirst().start();
    }

    /** Completes when the first connection is registered. */
    public CompletableFuture<Void> whenReady() {
        return firstRegistered;
    }

    /**
     * Completes when the connector has stopped: with the reason if it failed, with an empty text if it was asked to.
     */
    public CompletableFuture<String> whenEnded() {
        return ended;
    }

    /** Connections in service. */
    public int readyConnections() {
        return (int) keepers.stream().filter(ConnectionKeeper::isRegistered).count();
    }

    /** The random id of this process's connections. */
    public UUID id() {
        return id;
    }

    /** The rules that run. */
    public Configuration configuration() {
        return proxy.configuration();
    }

    /** Metrics in the text format of Prometheus. */
    String metricsText() {
        return metrics.text(readyConnections(), proxy.configuration().version());
    }

    /** The local address of the route to the edge; determined without sending anything. */
    private Optional<InetAddress> address() {
        for (ConnectionKeeper keeper : keepers) {
            EdgeConnection connection = keeper.current();
            if (connection != null) {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.connect(connection.edge());
                    return Optional.of(socket.getLocalAddress());
                } catch (IOException noWay) {
                    // try the next one
                }
            }
        }
        return Optional.empty();
    }

    List<ConnectionKeeper> keepers() {
        return keepers;
    }

    UUID tunnelId() {
        return settings.credentials().tunnelId();
    }

    /**
     * Applies other local rules to the next requests; running streams are not affected. Rules from the edge take
     * precedence.
     *
     * @throws InvalidConfiguration when they are invalid; the old ones stay
     */
    public void reload(Configuration configuration) {
        if (isRemotelyManaged) {
            log.warn("The config file changed, but this tunnel's rules come from the edge");
            return;
        }
        proxy.apply(configuration);
        log.info("Updated to new configuration", "version", Integer.toString(configuration.version()));
        keepers.getFirst().upload(configuration.json().getBytes(StandardCharsets.UTF_8));
    }

    /** Stops gracefully; completes when every connection is closed, at the latest after the grace period. */
    public CompletableFuture<Void> stop() {
        return stop(settings.grace());
    }

    /** The same with another grace period. */
    public CompletableFuture<Void> stop(Duration grace) {
        if (isStopping.compareAndSet(false, true)) {
            CompletableFuture.allOf(
                            keepers.stream().map(keeper -> keeper.stop(grace)).toArray(CompletableFuture[]::new))
                    .whenComplete((done, failure) ->
                            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(over -> ended.complete("")));
        }
        return ended.thenAccept(reason -> {});
    }

    // Callbacks of the keepers.

    void registered(int index, EdgeConnection connection, boolean remotely) {
        isRemotelyManaged = remotely;
        firstRegistered.complete(null);
        if (index == 0 && !remotely) {
            keepers.getFirst().upload(proxy.configuration().json().getBytes(StandardCharsets.UTF_8));
        }
        if (haveOthersStarted.compareAndSet(false, true)) {
            for (int i = 1; i < keepers.size(); i++) {
                loops.next().schedule(keepers.get(i)::start, (i - 1) * STAGGER_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    /** A permanent refusal stops the connector, but only if it has never been registered. */
    void refused(int index, RegistrationResult.Refused refusal) {
        if (index == 0
                && !refusal.shouldRetry()
                && !firstRegistered.isDone()
                && isStopping.compareAndSet(false, true)) {
            keepers.forEach(keeper -> keeper.stop(Duration.ZERO));
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(over -> ended.complete(refusal.cause()));
        }
    }

    void connectionEnded() {
        if (readyConnections() == 0) {
            proxy.withdrawn().allConnectionsLost();
        }
        if (isStopping.get() && readyConnections() == 0) {
            log.info("no more connections active and exiting");
        }
    }

    TunnelAuth auth() {
        return new TunnelAuth(
                settings.credentials().accountTag(), settings.credentials().secret());
    }

    ConnectionOptions options(EdgeConnection connection, int attempts) {
        Set<String> features = new LinkedHashSet<>(FEATURES);
        features.addAll(settings.features());
        InetAddress local =
                connection.channel().localAddress() instanceof InetSocketAddress address ? address.getAddress() : null;
        return new ConnectionOptions(
                id,
                List.copyOf(features),
                settings.version(),
                architecture(),
                local == null ? new byte[0] : local.getAddress(),
                false,
                0,
                Math.min(255, attempts));
    }

    /** Operating system and architecture in Go's names, as the dashboard shows them for every connector. */
    private static String architecture() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch", "");
        String os = system.startsWith("win") ? "windows" : system.startsWith("mac") ? "darwin" : system;
        return os + "_" + (machine.equals("x86_64") ? "amd64" : machine.equals("aarch64") ? "arm64" : machine);
    }

    EdgeConnection.Transport transport(Protocol protocol) {
        QuicTransport udp = quic;
        return protocol == Protocol.QUIC && udp != null ? udp : http2;
    }

    ConnectorSettings settings() {
        return settings;
    }

    EdgeAddresses addresses() {
        return addresses;
    }

    ProtocolChoice choice() {
        return choice;
    }

    Turns turns() {
        return turns;
    }

    /** Whether it was registered before and has no connection left. */
    boolean isCutOff() {
        return firstRegistered.isDone() && readyConnections() == 0;
    }

    ConnectorMetrics metrics() {
        return metrics;
    }

    ConnectorLog log() {
        return log;
    }

    InstantSource clock() {
        return clock;
    }
}
