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
 * Keeps what depends on who asks out of caches that serve several people (CS-13): one between us and the visitors would hand an
 * answer to somebody whom the gate never saw, or a token to somebody else. A browser's own cache keeps what the origin lets it.
 */
final class SharedCaches {
    /** A directive, its value perhaps quoted (RFC 9111 §5.2). */
    private static final Pattern DIRECTIVE = Pattern.compile("[^,\"]*+(?:\"[^\"]*+\"[^,\"]*+)*+");

    /** Read by such caches alone, and before Cache-Control (RFC 9213 and what went before it). */
    private static final List<String> TARGETED =
            List.of("cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control");

    private SharedCaches() {}

    /** Whether an answer is for one person or program: a policy looked at who asks, or the answer carries a cookie of ours. */
    static boolean areKeptFrom(ServerWebExchange exchange) {
        return exchange.getResponse().getHeaders().containsHeader(HttpHeaders.SET_COOKIE)
                || (exchange.getAttribute(Admission.ATTRIBUTE) instanceof Admission.Permitted permitted
                        && permitted.permit().grounds() != Permit.Grounds.BYPASS);
    }

    /** Says so in the answer's fields. */
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
