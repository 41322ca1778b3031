package io.sallyport.gateway;

import io.sallyport.snapshot.Application;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Asks a program for its app pass. Calendars, file clients and feed readers show a password only to who asks for one (RFC 9110 §11.6.1),
 * and their first request comes without; a browser that is asked opens a window of its own, so no browser may be.
 */
final class PassChallenge {
    /** How people open pages and send forms; stock cloudflared asks by the first two and wants to be led to the sign-in. */
    private static final Set<HttpMethod> OF_PEOPLE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST);

    private PassChallenge() {}

    /**
     * Whether this is a program at an application that takes app passes.
     *
     * @param background whether the request cannot be led to a sign-in page anyway
     */
    static boolean suits(Application application, ServerHttpRequest request, boolean background) {
        return application.passes() != null
                && (background || !OF_PEOPLE.contains(request.getMethod()))
                && Stream.of("Sec-Fetch-Mode", "Sec-Fetch-Dest", "X-Requested-With", HttpHeaders.ORIGIN)
                        .noneMatch(request.getHeaders()::containsHeader);
    }

    /** Writes it into an answer that will be 401. */
    static void write(HttpHeaders headers) {
        headers.set(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"app pass\", charset=\"UTF-8\"");
    }
}
