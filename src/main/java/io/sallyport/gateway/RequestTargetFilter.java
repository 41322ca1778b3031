package io.sallyport.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.sallyport.http.CidrTable;
import io.sallyport.http.ClientAddress;
import io.sallyport.http.Rays;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.http.RequestTarget;
import io.sallyport.mtls.Demand;
import io.sallyport.mtls.ForwardedCertificate;
import io.sallyport.mtls.Shown;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.web.Answers;
import io.sallyport.web.Problem;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * The first filter: parses host and path once, determines the client's address, and removes header fields that clients
 * may not set. All later code, on every host, sees the request as this filter read it (PN-01).
 */
final class RequestTargetFilter implements WebFilter, Ordered {
    private final ApplicationContext edge;
    private final EdgeSettings settings;
    private final Faces faces;
    private final CidrTable trustedProxies;
    private final SnapshotHolder snapshots;
    private final Answers answers;
    private final WebHandler application;
    private final WebHandler management;
    private final Set<String> certificateHeaders;

    /**
     * Wires it.
     *
     * @param edge the application context of the public listeners; the management port has another
     * @param application handles requests to application hosts; the filters for our own pages are skipped
     * @param management handles requests to the management host, likewise
     */
    RequestTargetFilter(
            ApplicationContext edge,
            EdgeSettings settings,
            Faces faces,
            SnapshotHolder snapshots,
            Answers answers,
            WebHandler application,
            WebHandler management) {
        this.edge = edge;
        this.settings = settings;
        this.faces = faces;
        this.trustedProxies = settings.trusted();
        this.snapshots = snapshots;
        this.answers = answers;
        this.application = application;
        this.management = management;
        String header = settings.clientCertificate().header();
        this.certificateHeaders = header == null
                ? Set.of()
                : ForwardedCertificate.names(header).stream()
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 1; // inside the access log
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (!edge.equals(exchange.getApplicationContext())) {
            return chain.filter(exchange); // the management port has no hosts
        }
        ServerHttpRequest request = exchange.getRequest();
        if (!(request instanceof AbstractServerHttpRequest plain)) {
            throw new IllegalStateException("the edge runs on Reactor Netty only");
        }
        HttpServerRequest raw = plain.getNativeRequest();
        HttpHeaders headers = raw.requestHeaders();
        String ray = Rays.next();
        AccessRecord record = AccessRecord.begin(exchange, ray, raw.version().majorVersion());
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() != 1) {
            return refuse(exchange, record, "a host exactly once");
        }
        InetAddress peer = peer(request);
        Optional<ClientAddress> client = ClientAddress.resolve(peer, trustedProxies, headers::getAll);
        if (client.isEmpty()) {
            return refuse(exchange, record, "contradicting forwarding headers");
        }
        String host = client.get().host();
        RequestTarget.Parsed parsed = RequestTarget.parse(host == null ? hosts.getFirst() : host, raw.uri());
        return switch (parsed) {
            case RequestTarget.Parsed.Refused(String reason) -> refused(exchange, record, reason);
            case RequestTarget.Parsed.Accepted(RequestTarget target) ->
                pass(exchange, chain, context(target, peer, client.get(), isTls(request), ray), raw, tls(raw, peer));
        };
    }

    private Mono<Void> pass(
            ServerWebExchange exchange,
            WebFilterChain chain,
            RequestContext context,
            HttpServerRequest raw,
            ClientTls tls) {
        HttpHeaders headers = raw.requestHeaders();
        boolean webSocket = headers.contains(HttpHeaderNames.UPGRADE);
        HttpHeaders clean = HeaderHygiene.clean(
                headers,
                HeaderHygiene.connectionOptions(headers.getAll(HttpHeaderNames.CONNECTION)),
                certificateHeaders,
                context.ray());
        if (webSocket) {
            clean.set("Upgrade", "websocket");
        }
        EdgeRequest request = new EdgeRequest(
                exchange.getRequest(), context, clean, headers.contains(HttpHeaderNames.TRANSFER_ENCODING));
        exchange.getAttributes().put(RequestContext.ATTRIBUTE, context);
        AccessRecord record = AccessRecord.of(exchange);
        record.context(context);
        exchange.getAttributes().put(Shown.class.getName(), tls.shown());
        ServerWebExchange cleaned = exchange.mutate().request(request).build();
        if (tls.misdirected(context.target().host(), demand(context))) {
            return misdirected(cleaned, record);
        }
        if (context.target().isReserved() && !context.target().path().startsWith("/cdn-cgi/access/")) {
            return notFound(cleaned, record);
        }
        if (context.face() == Face.TEAM && context.target().path().startsWith("/client/")) {
            return notFound(cleaned, record);
        }
        if (context.face() == Face.MANAGEMENT) {
            return management.handle(cleaned);
        }
        boolean proxied =
                context.face() == Face.APPLICATION && !context.target().isReserved();
        return proxied ? application.handle(cleaned) : chain.filter(cleaned);
    }

    private RequestContext context(
            RequestTarget target, InetAddress peer, ClientAddress client, boolean tls, String ray) {
        boolean secure = "https".equals(client.scheme()) || (tls && client.scheme() == null);
        String scheme = settings.publicScheme();
        if (scheme == null) {
            scheme = secure ? "https" : "http";
        }
        return new RequestContext(target, faces.of(target.host(), peer), client.address(), secure, scheme, ray);
    }

    private ClientTls tls(HttpServerRequest raw, InetAddress peer) {
        return ClientTls.of(
                raw, trustedProxies.contains(peer), settings.clientCertificate().header(), raw.requestHeaders());
    }

    private @Nullable Demand demand(RequestContext context) {
        Snapshot snapshot = snapshots.current();
        return snapshot == null ? null : snapshot.demands().of(context.target().host());
    }

    private Mono<Void> misdirected(ServerWebExchange exchange, AccessRecord record) {
        record.outcome("rejected", "misdirected");
        if (record.httpVersion() == 1) {
            exchange.getResponse().getHeaders().set("Connection", "close");
        }
        Problem problem = new Problem(
                421,
                "misdirected_request",
                "Wrong connection",
                "Your browser asked for this page over a connection to another host, and the two differ in whether they ask for a"
                        + " certificate. Reload the page; a program opens a connection of its own.",
                record.ray(),
                null);
        return answers.problem(exchange, problem, null);
    }

    private Mono<Void> refused(ServerWebExchange exchange, AccessRecord record, String reason) {
        if (reason.equals(RequestTarget.ASTERISK_FORM)
                && HttpMethod.OPTIONS.equals(exchange.getRequest().getMethod())) {
            record.outcome("answered", "options");
            exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
            return exchange.getResponse().setComplete();
        }
        return refuse(exchange, record, reason);
    }

    private Mono<Void> refuse(ServerWebExchange exchange, AccessRecord record, String reason) {
        record.outcome("rejected", reason);
        if (record.httpVersion() == 1) {
            exchange.getResponse()
                    .getHeaders()
                    .set("Connection", "close"); // whatever follows was meant for another reader
        }
        Problem problem = new Problem(
                400,
                "bad_request",
                "Bad request",
                "The request cannot be read in exactly one way, so it was not passed on.",
                record.ray(),
                null);
        return answers.problem(exchange, problem, null);
    }

    private Mono<Void> notFound(ServerWebExchange exchange, AccessRecord record) {
        record.outcome("answered", "reserved_path");
        Problem problem =
                new Problem(404, "not_found", "Not found", "There is nothing at this address.", record.ray(), null);
        return answers.problem(exchange, problem, null);
    }

    private static boolean isTls(ServerHttpRequest request) {
        return request.getSslInfo() != null || "https".equals(request.getURI().getScheme());
    }

    private static InetAddress peer(ServerHttpRequest request) {
        @Nullable InetSocketAddress remote = request.getRemoteAddress();
        if (remote == null || remote.getAddress() == null) {
            throw new IllegalStateException("a request without a peer address");
        }
        return remote.getAddress();
    }
}
