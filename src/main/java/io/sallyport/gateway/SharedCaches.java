package io.sallyport.gateway;

import io.sallyport.policy.Decision.Permit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * Keeps answers that depend on the visitor out of shared caches (CS-13). A shared cache between us and the visitors
 * would hand an answer, or a token in it, to somebody whom the gateway never checked. A browser's own cache may keep
 * what the origin permits.
 */
final class SharedCaches {
    /** A directive, its value perhaps quoted (RFC 9111 §5.2). */
    private static final Pattern DIRECTIVE = Pattern.compile("[^,\"]*+(?:\"[^\"]*+\"[^,\"]*+)*+");

    /** Fields that only shared caches read, in preference to Cache-Control (RFC 9213 and its predecessors). */
    private static final List<String> TARGETED =
            List.of("cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control");

    private SharedCaches() {}

    /** Whether an answer is for one person or program: a policy looked at who asks, or the answer carries a cookie of ours. */
    static boolean areKeptFrom(ServerWebExchange exchange) {
        return exchange.getResponse().getHeaders().containsHeader(HttpHeaders.SET_COOKIE)
                || (exchange.getAttribute(Admission.ATTRIBUTE) instanceof Admission.Permitted permitted
                        && permitted.permit().grounds() != Permit.Grounds.BYPASS);
    }

    /** Sets the fields that forbid shared caching. */
    static void keepOut(HttpHeaders answer) {
        TARGETED.forEach(answer::remove);
        List<String> kept = new ArrayList<>();
        for (String field : answer.getOrEmpty(HttpHeaders.CACHE_CONTROL)) {
            Matcher directives = DIRECTIVE.matcher(field);
            while (directives.find()) {
                String directive = directives.group().strip();
                String lower = directive.toLowerCase(Locale.ROOT);
                if (lower.equals("private") || lower.equals("no-store")) {
                    return;
                }
                if (!directive.isEmpty() && !lower.equals("public") && !lower.startsWith("s-maxage")) {
                    kept.add(directive);
                }
            }
        }
        kept.add("private");
        answer.set(HttpHeaders.CACHE_CONTROL, String.join(", ", kept));
    }
}
