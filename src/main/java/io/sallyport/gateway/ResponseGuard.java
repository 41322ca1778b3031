package io.sallyport.gateway;

import io.sallyport.http.AccessHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/** What of an origin's header fields reaches the visitor: all but the hop's own and attempts on the gate's cookies (HH-05, HH-08). */
final class ResponseGuard implements HttpHeadersFilter {
    private static final Logger LOG = LoggerFactory.getLogger(ResponseGuard.class);

    private static final Set<String> OUR_COOKIES = Set.of(
            AccessHeaders.AUTHORIZATION_COOKIE,
            AccessHeaders.BINDING_COOKIE,
            AccessHeaders.APP_PASS_COOKIE,
            AccessHeaders.SESSION_COOKIE,
            AccessHeaders.APP_SESSION_COOKIE,
            AccessHeaders.DEVICE_COOKIE);

    @Override
    public boolean supports(Type type) {
        return type == Type.RESPONSE;
    }

    @Override
    public HttpHeaders filter(HttpHeaders fromOrigin, ServerWebExchange exchange) {
        AccessRecord record = AccessRecord.of(exchange);
        record.upstreamAnswered();
        HttpHeaders kept = new HttpHeaders();
        Set<String> options = HeaderHygiene.connectionOptions(fromOrigin.getOrEmpty(HttpHeaders.CONNECTION));
        for (Map.Entry<String, List<String>> field : fromOrigin.headerSet()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (HeaderHygiene.HOP_BY_HOP.contains(name) || options.contains(name) || name.equals("cf-ray")) {
                continue;
            }
            for (String value : field.getValue()) {
                if (!name.equals("set-cookie") || !isOurs(value, record)) {
                    kept.add(field.getKey(), value);
                }
            }
        }
        if (SharedCaches.areKeptFrom(exchange)) {
            SharedCaches.keepOut(kept);
        }
        kept.set(AccessHeaders.RAY, record.ray());
        return kept;
    }

    private static boolean isOurs(String setCookie, AccessRecord record) {
        int equals = setCookie.indexOf('=');
        // Browsers keep a cookie without a name and send its value alone: "=CF_Binding=x" comes back as "CF_Binding=x".
        boolean nameless = equals >= 0 && setCookie.substring(0, equals).isBlank();
        String pair = nameless ? setCookie.substring(equals + 1) : setCookie;
        int end = pair.indexOf('=');
        int semicolon = pair.indexOf(';');
        if (end < 0 || (semicolon >= 0 && semicolon < end)) {
            return false;
        }
        String name = pair.substring(0, end).strip();
        boolean ours = OUR_COOKIES.contains(name);
        if (ours) {
            LOG.warn("ray={} an origin tried to set the gate's cookie {}; dropped", record.ray(), name);
        }
        return ours;
    }
}
