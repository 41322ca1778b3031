package io.sallyport.connector;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.ResponseMeta;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Forwards requests from the edge to the services of the rules. For each request the target is checked, the rule is
 * found, the assertion is verified if the rule requires it, and then the rule's service alone decides where it goes
 * (TU-09).
 */
final class OriginProxy {
    private final Withdrawn withdrawn;
    private final AccessGuard guard;
    private final LiveStreams live;
    private final ConnectorMetrics metrics;
    private final ConnectorLog log;
    private final Map<String, String> tags;
    private final OriginProxies proxies;
    private final Management management;
    private volatile Running running;

    /**
     * A configuration with the connection pools of its rules, by number. Replaced as a whole; running requests keep
     * theirs.
     */
    private record Running(Configuration configuration, Map<Integer, OriginPool> pools) {
        Rule rule(int number) {
            return configuration.ingress().rules().get(number);
        }

        OriginPool pool(int number) {
            OriginPool pool = pools.get(number);
            if (pool == null) {
                throw new IllegalStateException("a rule without its connections");
            }
            return pool;
        }
    }

    /**
     * Prepares the initial rules.
     *
     * @param tags sent to origins, names without their prefix
     * @param proxies on the way to them
     * @param management answers about the connector itself
     */
    OriginProxy(
            Configuration first,
            Map<String, String> tags,
            OriginProxies proxies,
            Management management,
            InstantSource clock,
            ConnectorMetrics metrics,
            ConnectorLog log) {
        this.withdrawn = new Withdrawn(clock, log);
        this.guard = new AccessGuard(clock, withdrawn);
        this.live = new LiveStreams(withdrawn, metrics, log);
        this.metrics = metrics;
        this.log = log;
        this.tags = Map.copyOf(tags);
        this.proxies = proxies;
        this.management = management;
        this.running = prepare(first);
    }

    /**
     * Applies other rules from the next request on.
     *
     * @throws InvalidConfiguration when they are invalid; the old ones stay
     */
    void apply(Configuration next) {
        Running before = running;
        running = prepare(next);
        before.pools().values().forEach(OriginPool::close);
    }

    Configuration configuration() {
        return running.configuration();
    }

    ConnectorMetrics metrics() {
        return metrics;
    }

    ConnectorLog log() {
        return log;
    }

    /** The revocations that the edge has reported. */
    Withdrawn withdrawn() {
        return withdrawn;
    }

    private Running prepare(Configuration configuration) {
        Map<Integer, OriginPool> pools = new HashMap<>();
        List<Rule> rules = configuration.ingress().rules();
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            if (rule.target() instanceof Service.Http || rule.target() instanceof Service.Unix) {
                pools.put(i, new OriginPool(rule.target(), rule.settings(), proxies));
            }
        }
        return new Running(configuration, Map.copyOf(pools));
    }

    /** Serves one request; never throws. */
    void serve(Exchange exchange, EdgeRequest request) {
        try {
            Running current = running;
            if (request.kind() == RequestKind.TCP) {
                privateNetwork(exchange, request, current.configuration().privateNetwork());
                return;
            }
            if (management.isFor(HostPort.hostOf(request.host()))
                    && isTarget(request.head().uri())) {
                management.serve(exchange, request);
                return;
            }
            Optional<Integer> index = isTarget(request.head().uri())
                    ? current.configuration()
                            .ingress()
                            .find(request.host(), request.head().uri())
                    : Optional.empty();
            if (index.isEmpty()) {
                exchange.answer(400, ResponseMeta.ORIGIN);
                return;
            }
            int rule = index.get();
            guard.check(current.rule(rule).settings().access(), request.head().headers())
                    .thenAccept(verdict -> inLoop(exchange, () -> judged(exchange, request, current, rule, verdict)));
        } catch (RuntimeException e) {
            refused(exchange, e);
        }
    }

    /**
     * Runs the task on the exchange's loop; immediately if it is there already, because reading must not start before
     * the rule is known.
     */
    private static void inLoop(Exchange exchange, Runnable task) {
        if (exchange.eventLoop().inEventLoop()) {
            task.run();
        } else {
            exchange.eventLoop().execute(task);
        }
    }

    private void judged(
            Exchange exchange, EdgeRequest request, Running current, int number, AccessGuard.Verdict verdict) {
        try {
            switch (verdict) {
                case FORBIDDEN -> exchange.answer(403, ResponseMeta.ORIGIN);
                case UNVERIFIED -> exchange.fail();
                case PASS -> {
                    if (!exchange.isOver()) {
                        List<String> shown = request.head().headers().getAll(AccessGuard.HEADER);
                        if (!shown.isEmpty()) {
                            live.watch(exchange.channel(), shown.getFirst());
                        }
                        pass(exchange, request, current, number);
                    }
                }
            }
        } catch (RuntimeException e) {
            refused(exchange, e);
        }
    }

    /** Parsers refuse a malformed request by an IllegalArgumentException; anything else is a bug of ours, which must be seen. */
    private void refused(Exchange exchange, RuntimeException failure) {
        if (failure instanceof IllegalArgumentException) {
            log.debug("request refused", "error", String.valueOf(failure.getMessage()));
        } else {
            log.error("request refused", "error", failure.toString());
        }
        exchange.fail();
    }

    private void pass(Exchange exchange, EdgeRequest request, Running current, int number) {
        Rule rule = current.rule(number);
        if (log.wants(ConnectorLog.Level.DEBUG)) {
            describe(exchange, request, rule, number);
        }
        switch (rule.target()) {
            case Service.Http http -> http(exchange, request, rule, current.pool(number), http.host());
            case Service.Unix _ -> http(exchange, request, rule, current.pool(number), HostPort.hostOf(request.host()));
            case Service.Status status -> exchange.answer(status.code(), ResponseMeta.ORIGIN);
            case Service.HelloWorld _ -> HelloWorld.serve(exchange, request);
            case Service.Tcp tcp -> {
                if (rule.settings().socks()) {
                    ByteStreams.socks(exchange, request, rule.settings(), tcp);
                } else {
                    ByteStreams.webSocket(exchange, request, rule.settings(), tcp.host(), tcp.port());
                }
            }
            case Service.Bastion _ -> ByteStreams.bastion(exchange, request, rule.settings());
            case Service.Socks _ -> ByteStreams.socks(exchange, request, rule.settings(), null);
        }
    }

    /**
     * Describes the request and its rule for the log, without header fields and query, which may contain secrets
     * (LO-01).
     */
    private void describe(Exchange exchange, EdgeRequest request, Rule rule, int number) {
        LogLine.Kind kind = switch (rule.target()) {
            case Service.Tcp _, Service.Bastion _, Service.Socks _ -> LogLine.Kind.TCP;
            case Service.Http _, Service.Unix _, Service.Status _, Service.HelloWorld _ -> LogLine.Kind.HTTP;
        };
        HttpRequest head = request.head();
        int query = head.uri().indexOf('?');
        String path = query < 0 ? head.uri() : head.uri().substring(0, query);
        String[] fields = {
            "method", head.method().name(),
            "host", request.host(),
            "path", path,
            "ingressRule", Integer.toString(number),
            "originService", rule.service()
        };
        log.log(kind, ConnectorLog.Level.DEBUG, head.method() + " " + path, fields);
        exchange.describe(kind, fields);
    }

    private void http(Exchange exchange, EdgeRequest request, Rule rule, OriginPool pool, String serviceHost) {
        boolean upgrade = request.kind() == RequestKind.WEBSOCKET;
        OriginSettings settings = rule.settings();
        HttpRequest head = pool.addressed(OriginHead.of(request, settings, tags));
        boolean hasBody = !upgrade && request.hasBody();
        String serverName = settings.matchSniToHost()
                ? HostPort.hostOf(request.host())
                : settings.originServerName().isEmpty() ? serviceHost : settings.originServerName();
        OriginPool.Need need = new OriginPool.Need(serverName, upgrade);
        if (hasBody
                && HttpHeaderValues.CHUNKED.contentEquals(
                        String.valueOf(head.headers().get(HttpHeaderNames.TRANSFER_ENCODING)))
                && settings.disableChunkedEncoding()) {
            exchange.begin(new MeasuredBody(exchange, length -> {
                head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
                head.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
                return new HttpUpstream(exchange, pool, head, need, true);
            }));
            return;
        }
        new HttpUpstream(exchange, pool, head, need, hasBody).start();
    }

    private void privateNetwork(Exchange exchange, EdgeRequest request, PrivateNetwork network) {
        if (!network.enabled()) {
            log.debug("raw TCP refused: the operator has not allowed private-network");
            exchange.fail();
        } else if (network.maxActiveFlows() > 0 && metrics.flows() >= network.maxActiveFlows()) {
            exchange.answer(502, ResponseMeta.FLOW_LIMITED);
        } else {
            ByteStreams.raw(exchange, request.host(), network, metrics);
        }
    }

    /** Accepts origin form only: some origins believe an absolute target instead of Host. */
    private static boolean isTarget(String uri) {
        return (uri.startsWith("/") || uri.equals("*")) && uri.chars().allMatch(c -> c > ' ' && c < 127);
    }
}
