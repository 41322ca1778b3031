package io.sallyport.gateway;

import io.sallyport.snapshot.Application;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Asks a program for its app pass by Basic authentication. Calendars, file clients and feed readers send a password
 * only after a challenge (RFC 9110 §11.6.1). Browsers must not be asked: they would open a password dialog.
 */
final class PassChallenge {
    /** Methods of browsers. Stock cloudflared uses the first two and expects a redirect to the sign-in. */
    private static final Set<HttpMethod> OF_PEOPLE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST);

    private PassChallenge() {}

    /**
     * Whether this is a program at an application that takes app passes.
     *
     * @param background whether the request is one that cannot follow a redirect to a sign-in page
     */
    static boolean suits(Application application, ServerHttpRequest request, boolean background) {
        return application.passes() != null
                && (background || !OF_PEOPLE.contains(request.getMethod()))
                && Stream.of("Sec-Fetch-Mode", "Sec-Fetch-Dest", "X-Requested-With", HttpHeaders.ORIGIN)
                        .noneMatch(request.getHeaders()::containsHeader);
    }

    /** Adds the challenge to an answer that will be 401. */
    static void write(HttpHeaders headers) {
        headers.set(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"app pass\", charset=\"UTF-8\"");
    }
}
