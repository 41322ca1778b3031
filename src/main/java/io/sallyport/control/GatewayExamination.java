package io.sallyport.control;

import io.sallyport.doctor.Finding;
import io.sallyport.http.HostName;
import io.sallyport.http.RequestContext;
import io.sallyport.http.UrlPattern;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.dao.DataAccessException;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.server.ServerWebExchange;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the gateway can say of itself: its database, the clocks, whose forwarding headers it believes, its providers; and what the
 * command line must know to look at the rest from outside, where visitors are.
 */
final class GatewayExamination {
    /** An address of nobody (RFC 5737), which {@code sallyport doctor} claims to be in X-Forwarded-For. */
    static final String PRETENDED = "192.0.2.77";

    private static final Duration TOLERATED_SKEW = Duration.ofSeconds(5);
    private static final int MOST_HOSTS = 20;

    private final SnapshotHolder snapshots;
    private final JdbcClient jdbc;
    private final InstantSource clock;
    private final Supplier<Optional<Integer>> tunnelPort;

    /** @param tunnelPort where connectors are served; empty when they are not */
    GatewayExamination(
            SnapshotHolder snapshots, JdbcClient jdbc, InstantSource clock, Supplier<Optional<Integer>> tunnelPort) {
        this.snapshots = snapshots;
        this.jdbc = jdbc;
        this.clock = clock;
        this.tunnelPort = tunnelPort;
    }

    /** Blocking: asks the database. Every valid token may ask, so the names in the answer are those that its token may read (AD-02). */
    ObjectNode examine(AdminCall call, ServerWebExchange exchange) {
        Snapshot snapshot =
                Objects.requireNonNull(snapshots.current(), "the API answers only once there is a snapshot");
        Instant now = clock.instant();
        List<Finding> found = new ArrayList<>();
        database(now, found);
        found.add(forwarded(exchange));
        found.add(providers(snapshot, mayRead(call, ResourceKind.IDENTITY_PROVIDERS)));
        String issuer = snapshot.settings().issuer();
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("issuer", issuer)
                .put("time", now.toString())
                .put("config_version", snapshot.version());
        tunnelPort.get().ifPresent(port -> answer.put("tunnel_port", port));
        ArrayNode hosts = answer.putArray("hosts");
        hosts.add(URI.create(issuer).getHost());
        if (mayRead(call, ResourceKind.APPLICATIONS)) {
            applicationHosts(snapshot).forEach(hosts::add);
        }
        return ProviderExaminations.put(answer, found);
    }

    private static boolean mayRead(AdminCall call, ResourceKind kind) {
        return call.permissions().access(kind).holds(Access.READ);
    }

    private static Stream<String> applicationHosts(Snapshot snapshot) {
        return snapshot.applicationsById().values().stream()
                .flatMap(application -> application.patterns().stream())
                .map(UrlPattern::literalHost)
                .flatMap(Optional::stream)
                .map(HostName::value)
                .distinct()
                .sorted()
                .limit(MOST_HOSTS);
    }

    private void database(Instant now, List<Finding> found) {
        try {
            long begun = System.nanoTime();
            Instant there = jdbc.sql("select clock_timestamp()")
                    .query(OffsetDateTime.class)
                    .single()
                    .toInstant();
            long millis = Duration.ofNanos(System.nanoTime() - begun).toMillis();
            found.add(
                    millis < 250
                            ? Finding.ok("database", "PostgreSQL answers in " + millis + " ms.")
                            : Finding.warning(
                                    "database",
                                    "PostgreSQL takes " + millis
                                            + " ms to answer; logins and admin calls wait for it, so move it nearer."));
            Duration skew = Duration.between(there, now).abs();
            found.add(
                    skew.compareTo(TOLERATED_SKEW) < 0
                            ? Finding.ok("clock", "The clocks of gateway and database agree.")
                            : Finding.failed(
                                    "clock",
                                    "The clocks of gateway and database differ by " + skew.toSeconds()
                                            + " s; synchronise both by NTP, or sessions end too early or too late."));
        } catch (DataAccessException down) {
            found.add(Finding.failed(
                    "database", "PostgreSQL does not answer; check spring.datasource.url and the server behind it."));
        }
    }

    /** Judges by the header the command line made up: whoever stands between adds to it, and nobody else may be believed. */
    private static Finding forwarded(ServerWebExchange exchange) {
        RequestContext context = exchange.getRequiredAttribute(RequestContext.ATTRIBUTE);
        ServerHttpRequest request = exchange.getRequest();
        while (request instanceof ServerHttpRequestDecorator decorator) {
            request = decorator.getDelegate();
        }
        List<String> claimed = request.getHeaders().getOrEmpty("X-Forwarded-For");
        String chain = String.join(", ", claimed);
        InetAddress peer = request.getRemoteAddress() == null
                ? context.client()
                : Objects.requireNonNull(request.getRemoteAddress()).getAddress();
        boolean believed = !context.client().equals(peer);
        String from = peer.getHostAddress();
        if (context.client().getHostAddress().equals(PRETENDED)) {
            String sentence = "This client at " + from + " was believed to be " + PRETENDED
                    + " because it said so; take its address out of sallyport.trusted-proxies";
            return peer.isLoopbackAddress()
                    ? Finding.warning("forwarded", sentence + " unless only your proxy can connect from there.")
                    : Finding.failed("forwarded", sentence + ".");
        }
        if (believed) {
            return Finding.ok(
                    "forwarded",
                    "The proxy at " + from + " is trusted and says who called: "
                            + context.client().getHostAddress() + ".");
        }
        return chain.isEmpty() || chain.equals(PRETENDED)
                ? Finding.ok("forwarded", "Forwarding headers of clients are not believed.")
                : Finding.warning(
                        "forwarded",
                        "A proxy at " + from
                                + " sends forwarding headers that nobody reads, so every visitor seems to come from it; list it in"
                                + " sallyport.trusted-proxies.");
    }

    private static Finding providers(Snapshot snapshot, boolean named) {
        if (snapshot.identityProviders().isEmpty()) {
            return Finding.warning("sign-in", "No way to sign in is set up; add an identity provider.");
        }
        List<String> broken = snapshot.identityProviders().values().stream()
                .filter(IdentityProvider.Unavailable.class::isInstance)
                .map(IdentityProvider::name)
                .sorted()
                .toList();
        return broken.isEmpty()
                ? Finding.ok(
                        "sign-in",
                        ways(snapshot.identityProviders().size()) + "; doctor idp NAME examines one of them.")
                : Finding.failed(
                        "sign-in",
                        "Nobody can sign in by "
                                + (named ? String.join(", ", broken) : broken.size() + " of the identity providers")
                                + "; save these providers again.");
    }

    private static String ways(int count) {
        return count == 1 ? "One way to sign in is set up" : count + " ways to sign in are set up";
    }
}
