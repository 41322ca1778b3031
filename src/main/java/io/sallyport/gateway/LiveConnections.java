package io.sallyport.gateway;

import io.sallyport.identity.CertificateIdentity;
import io.sallyport.policy.Decision;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Everything that is being forwarded right now. After each new snapshot, and every five seconds because sessions
 * expire, each of them is decided again as if it had just arrived; what would not be admitted now is cut off (WS-02).
 * It is also cut off when it would be admitted as somebody else or as nobody: the origin was told an identity at the
 * beginning and relies on it for as long as the stream lasts.
 */
final class LiveConnections implements SmartLifecycle {
    /** Close code: policy violation (RFC 6455 §7.4.1). */
    static final int POLICY = 1008;
    /** Close code: the server is shutting down (RFC 6455 §7.4.1). */
    static final int GOING_AWAY = 1001;

    private static final Logger LOG = LoggerFactory.getLogger(LiveConnections.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final SnapshotHolder snapshots;
    private final Decider decider;
    private final CertificateJudge certificates;
    private final InstantSource clock;
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
    private final Rounds rounds = new Rounds("edge-live", PAUSE, this::round);

    LiveConnections(SnapshotHolder snapshots, Decider decider, CertificateJudge certificates, InstantSource clock) {
        this.snapshots = snapshots;
        this.decider = decider;
        this.certificates = certificates;
        this.clock = clock;
        snapshots.listen(snapshot -> rounds.soon());
    }

    /** One forwarded request under watch; compared by identity. */
    private static final class Watched {
        private final BiConsumer<Watched, Snapshot> again;
        private final String ray;
        private final IntConsumer cut;
        private final boolean webSocket;

        /** @param again decides it again and cuts it off if it is not admitted */
        Watched(BiConsumer<Watched, Snapshot> again, String ray, IntConsumer cut, boolean webSocket) {
            this.again = again;
            this.ray = ray;
            this.cut = cut;
            this.webSocket = webSocket;
        }
    }

    /**
     * Watches an ordinary answer while it lasts. Cutting it off closes the visitor's connection or resets the HTTP/2
     * stream.
     */
    Mono<Void> watch(ServerWebExchange exchange, AccessExchange access, Admission admission, Mono<Void> forwarding) {
        String ray = AccessRecord.of(exchange).ray();
        return watch(new Watched(again(access, admission), ray, code -> close(exchange), false), forwarding);
    }

    /** Watches a WebSocket, which is cut off with a close code. */
    Mono<Void> watch(
            ServerWebExchange exchange,
            AccessExchange access,
            Admission admission,
            IntConsumer cut,
            Mono<Void> forwarding) {
        String ray = AccessRecord.of(exchange).ray();
        return watch(new Watched(again(access, admission), ray, cut, true), forwarding);
    }

    /**
     * Watches a WebSocket that no policy admitted.
     *
     * @param holds whether what admitted it still does
     */
    Mono<Void> watch(String ray, Predicate<Snapshot> holds, IntConsumer cut, Mono<Void> forwarding) {
        BiConsumer<Watched, Snapshot> again = (each, snapshot) -> {
            if (!holds.test(snapshot)) {
                cut(each);
            }
        };
        return watch(new Watched(again, ray, cut, true), forwarding);
    }

    private BiConsumer<Watched, Snapshot> again(AccessExchange access, Admission admission) {
        return (each, snapshot) -> check(each, access, admission, snapshot);
    }

    private Mono<Void> watch(Watched each, Mono<Void> forwarding) {
        watched.add(each);
        return forwarding.doFinally(signal -> watched.remove(each));
    }

    /** The number of requests being watched. */
    int count() {
        return watched.size();
    }

    private void round() {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null) {
            return;
        }
        for (Watched each : watched) {
            try {
                each.again.accept(each, snapshot);
            } catch (RuntimeException e) {
                LOG.error("ray={} cannot be decided again and is cut off", each.ray, e);
                each.cut.accept(POLICY);
            }
        }
    }

    private void check(Watched each, AccessExchange access, Admission admission, Snapshot snapshot) {
        var target = access.context().target();
        Application application =
                snapshot.applications().find(target.host(), target.path()).orElse(null);
        switch (admission) {
            case Admission.Unguarded unguarded -> {
                if (!unguarded.holds(target, application, snapshot)) {
                    cut(each);
                }
            }
            case Admission.Permitted permitted -> {
                if (application == null) {
                    cut(each);
                } else {
                    certificates
                            .again(access, snapshot)
                            .subscribe(
                                    holder ->
                                            decide(each, access, permitted, application, snapshot, holder.orElse(null)),
                                    failure -> notDecided(each, failure));
                }
            }
        }
    }

    private void decide(
            Watched each,
            AccessExchange access,
            Admission.Permitted permitted,
            Application application,
            Snapshot snapshot,
            @Nullable CertificateIdentity holder) {
        decider.decide(
                        snapshot,
                        application,
                        access.context().client(),
                        permitted.presented().over(holder == null ? null : holder.thumbprint()),
                        holder,
                        clock.instant())
                .subscribe(
                        ruling -> {
                            if (!goesOn(permitted, ruling, holder)) {
                                cut(each);
                            }
                        },
                        failure -> notDecided(each, failure));
    }

    private static void notDecided(Watched each, Throwable failure) {
        LOG.info("ray={} could not be decided again, trying in the next round: {}", each.ray, failure.toString());
    }

    private static boolean goesOn(Admission.Permitted permitted, Ruling ruling, @Nullable CertificateIdentity holder) {
        if (!(ruling.decision() instanceof Decision.Permit permit)) {
            return false;
        }
        boolean isOpen = permit.grounds() == Decision.Permit.Grounds.BYPASS;
        if (ruling.session() instanceof SessionState.BadServiceToken && !isOpen) {
            return false; // as for a new request: a bad credential refuses it whatever else would admit it
        }
        return permitted.permit().grounds() == Decision.Permit.Grounds.BYPASS
                || permitted.spokeFor(Admitting.who(ruling.session(), holder));
    }

    private void cut(Watched each) {
        if (watched.remove(each)) {
            LOG.info("ray={} cut off: it would not be admitted now", each.ray);
            each.cut.accept(POLICY);
        }
    }

    private static void close(ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        HttpServerRequest raw = ServerHttpRequestDecorator.getNativeRequest(request);
        raw.withConnection(connection -> connection.channel().close());
    }

    @Override
    public void start() {
        rounds.start();
    }

    /** Drain: WebSockets are told that the server goes away (WS-03); ordinary answers may finish. */
    @Override
    public void stop() {
        rounds.stop();
        watched.forEach(each -> {
            if (each.webSocket) {
                each.cut.accept(GOING_AWAY);
            }
        });
    }

    @Override
    public boolean isRunning() {
        return rounds.isRunning();
    }

    /** Stops before the web server's graceful shutdown, which waits for open requests. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
