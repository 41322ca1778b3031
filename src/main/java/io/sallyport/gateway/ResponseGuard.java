package io.sallyport.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.sallyport.http.AccessHeaders;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.server.ServerWebExchange;

/**
 * Passes an origin's header fields on to the visitor, except hop-by-hop fields and attempts to set the gateway's
 * cookies (HH-05, HH-08).
 */
final class ResponseGuard {
    private static final Logger LOG = LoggerFactory.getLogger(ResponseGuard.class);

    private static final Set<String> OUR_COOKIES = Set.of(
            AccessHeaders.AUTHORIZATION_COOKIE,
            AccessHeaders.BINDING_COOKIE,
            AccessHeaders.APP_PASS_COOKIE,
            AccessHeaders.SESSION_COOKIE,
            AccessHeaders.APP_SESSION_COOKIE,
            AccessHeaders.DEVICE_COOKIE);

    private ResponseGuard() {}

    /** Copies the permitted fields to the visitor's answer, which must not be committed yet. */
    static void pass(HttpHeaders fromOrigin, ServerWebExchange exchange) {
        AccessRecord record = AccessRecord.of(exchange);
        record.upstreamAnswered();
        org.springframework.http.HttpHeaders answer = exchange.getResponse().getHeaders();
        boolean isForOne =
                SharedCaches.areKeptFrom(exchange); // asked before the origin's cookies are added beside ours
        Set<String> options = HeaderHygiene.connectionOptions(fromOrigin.getAll(HttpHeaderNames.CONNECTION));
        for (Iterator<Map.Entry<String, String>> fields = fromOrigin.iteratorAsString(); fields.hasNext(); ) {
            Map.Entry<String, String> field = fields.next();
            String name = field.getKey().toLowerCase(Locale.ROOT);
            boolean isForUs = HeaderHygiene.HOP_BY_HOP.contains(name) || options.contains(name);
            if (!isForUs
                    && !name.equals("cf-ray")
                    && !(name.equals("set-cookie") && isOurs(field.getValue(), record))) {
                answer.add(field.getKey(), field.getValue());
            }
        }
        if (isForOne) {
            SharedCaches.keepOut(answer);
        }
        answer.set(AccessHeaders.RAY, record.ray());
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
