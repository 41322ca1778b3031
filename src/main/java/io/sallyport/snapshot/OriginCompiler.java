package io.sallyport.snapshot;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles an origin that the gateway reaches directly; {@code origin_request} has the keys
 * that it has in a connector's configuration file.
 */
final class OriginCompiler {
    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final Duration USUAL_CONNECT_TIMEOUT = Duration.ofSeconds(30);

    private OriginCompiler() {}

    /**
     * Puts an upstream together.
     *
     * @throws Json.Unreadable naming the member at fault
     */
    static Upstream compile(Rows.Origin row) {
        Json request = new Json(Json.parse(row.request()).node(), "/origin_request");
        return new Upstream.Direct(
                service(row.service()),
                request.text("httpHostHeader"),
                connectTimeout(request),
                request.flag("noTLSVerify", false),
                request.text("originServerName"),
                request.text("caPool"),
                request.flag("http2Origin", false));
    }

    private static URI service(String text) {
        URI service = parse(text);
        if (service == null || service.getHost() == null || service.getScheme() == null) {
            throw new Json.Unreadable("/service", "must be http or https with host and optional port");
        }
        if (!SCHEMES.contains(service.getScheme().toLowerCase(Locale.ROOT))) {
            throw new Json.Unreadable("/service", "must be http or https");
        }
        boolean more = (service.getRawPath() != null
                        && !service.getRawPath().isEmpty()
                        && !service.getRawPath().equals("/"))
                || service.getRawQuery() != null
                || service.getRawFragment() != null
                || service.getRawUserInfo() != null;
        if (more) {
            throw new Json.Unreadable("/service", "must have no path, query or user: the visitor's path is kept");
        }
        return service;
    }

    private static @Nullable URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException bad) {
            return null;
        }
    }

    /** A Go duration as in connector files, or whole seconds as in the tunnel API. */
    private static Duration connectTimeout(Json request) {
        Json value = request.member("connectTimeout");
        Duration timeout;
        if (value.absent()) {
            timeout = USUAL_CONNECT_TIMEOUT;
        } else if (value.node().isNumber()) {
            Integer seconds = request.number("connectTimeout");
            timeout = seconds == null ? USUAL_CONNECT_TIMEOUT : Duration.ofSeconds(seconds);
        } else {
            Duration written = request.duration("connectTimeout");
            timeout = written == null ? USUAL_CONNECT_TIMEOUT : written;
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw value.unreadable("must be longer than nothing");
        }
        return timeout;
    }
}
