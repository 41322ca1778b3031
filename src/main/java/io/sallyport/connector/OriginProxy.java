package io.sallyport.connector;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.sallyport.tunnel.wire.RequestKind;
import io.sallyport.tunnel.wire.ResponseMeta;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes requests from the edge to the services of the rules. One request, from top to bottom: its target is checked, its rule is
 * found, the rule's assertion is verified, and then the rule's service alone decides where it goes (TU-09).
 */
final class OriginProxy {
    private static final Set<HttpMethod> USUALLY_BODILESS =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.DELETE, HttpMethod.TRACE);

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
     * One configuration with the connections of its rules, by their numbers. Replaced whole; requests keep the one they began with.
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
     * Prepares the first rules.
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
     * Runs other rules from the next request on.
     *
     * @throws InvalidConfiguration when they cannot be run; the old ones stay
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

    /** What no longer counts, by the edge's word. */
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
            if (management.isFor(hostName(host(request.head())))
                    && isTarget(request.head().uri())) {
                management.serve(exchange, request);
                return;
            }
            Optional<Integer> index = isTarget(request.head().uri())
                    ? current.configuration()
                            .ingress()
                            .find(host(request.head()), request.head().uri())
                    : Optional.empty();
            if (index.isEmpty()) {
                exchange.answer(400, ResponseMeta.ORIGIN);
                return;
            }
            int rule = index.get();
            guard.check(current.rule(rule).settings().access(), request.head().headers())
                    .thenAccept(verdict -> inLoop(exchange, () -> judged(exchange, request, current, rule, verdict)));
        } catch (RuntimeException e) {
            log.debug("request refused", "error", String.valueOf(e.getMessage()));
            exchange.fail();
        }
    }

    /** An answer that was there at once is served in the same turn; reading must not begin before the rule is known. */
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
            log.debug("request refused", "error", String.valueOf(e.getMessage()));
            exchange.fail();
        }
    }

    private void pass(Exchange exchange, EdgeRequest request, Running current, int number) {
        Rule rule = current.rule(number);
        if (log.wants(ConnectorLog.Level.DEBUG)) {
            describe(exchange, request, rule, number);
        }
        switch (rule.target()) {
            case Service.Http http -> http(exchange, request, rule, current.pool(number), http.host());
            case Service.Unix _ -> http(exchange, request, rule, current.pool(number), hostName(host(request.head())));
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

    /** For the log: what was asked and who gets it. No header, and no query, because these hold what is secret (LO-01). */
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
            "host", host(head),
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
        HttpRequest head = pool.addressed(forOrigin(request, settings, upgrade));
        boolean hasBody = !upgrade && request.hasBody();
        String serverName = settings.matchSniToHost()
                ? hostName(host(request.head()))
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

    /** The request as the origin sees it: no hop's fields, framing decided here, the rule's host (tunnel-transport.md §3.4). */
    private HttpRequest forOrigin(EdgeRequest request, OriginSettings settings, boolean upgrade) {
        HttpRequest from = request.head();
        HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, from.method(), from.uri());
        HttpHeaders headers = head.headers();
        List<String> taken = named(from.headers());
        for (Map.Entry<String, String> field : from.headers()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!Hops.isHop(name)
                    && !taken.contains(name)
                    && !name.equals("expect")
                    && !name.startsWith("cf-trace-id")) {
                headers.add(field.getKey(), field.getValue());
            }
        }
        if (from.headers().contains(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS, true)) {
            headers.set(HttpHeaderNames.TE, HttpHeaderValues.TRAILERS);
        }
        if (!settings.httpHostHeader().isEmpty()) {
            headers.set("X-Forwarded-Host", host(from));
            headers.set(HttpHeaderNames.HOST, settings.httpHostHeader());
        }
        tags.forEach((name, value) -> headers.set("Cf-Warp-Tag-" + name, value));
        if (upgrade) {
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
            headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
        } else if (!request.hasBody()) {
            if (Hops.contentLength(headers) > 0) {
                throw new IllegalArgumentException("a body was announced and none follows");
            }
            headers.remove(HttpHeaderNames.CONTENT_LENGTH);
            if (!USUALLY_BODILESS.contains(head.method())) {
                headers.set(HttpHeaderNames.CONTENT_LENGTH, 0);
            }
        } else if (Hops.contentLength(headers) == Hops.NO_LENGTH) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        return head;
    }

    /** Fields that a Connection field makes the hop's own; those that matter to us were decided before it was read. */
    private static List<String> named(HttpHeaders headers) {
        List<String> names = new ArrayList<>();
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : value.split(",", -1)) {
                names.add(name.strip().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    private void privateNetwork(Exchange exchange, EdgeRequest request, PrivateNetwork network) {
        if (!network.enabled()) {
            log.debug("raw TCP refused: the operator has not allowed private-network");
            exchange.fail();
        } else if (network.maxActiveFlows() > 0 && metrics.flows() >= network.maxActiveFlows()) {
            exchange.answer(502, ResponseMeta.FLOW_LIMITED);
        } else {
            ByteStreams.raw(exchange, host(request.head()), network, metrics);
        }
    }

    /** Origin form only: an absolute target would make some origins believe it instead of Host. */
    private static boolean isTarget(String uri) {
        return (uri.startsWith("/") || uri.equals("*")) && uri.chars().allMatch(c -> c > ' ' && c < 127);
    }

    private static String host(HttpRequest head) {
        String host = head.headers().get(HttpHeaderNames.HOST);
        return host == null ? "" : host;
    }

    private static String hostName(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }
}
