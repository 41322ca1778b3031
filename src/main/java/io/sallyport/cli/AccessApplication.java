package io.sallyport.cli;

import io.sallyport.token.MatchVerifier;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The application behind a URL, as its own host describes it and the team domain confirms.
 *
 * @param url the application's address
 * @param team scheme, host and port of the team domain
 * @param appHostname the application's pattern, which names its token file
 */
record AccessApplication(URI url, URI team, String audience, String appHostname) {
    /**
     * Asks the host. Empty when a policy there admits everybody from this address, so that there is nothing to sign in to.
     *
     * @throws CommandFailure when there is no application, or none that the team domain confirms
     */
    static Optional<AccessApplication> find(EdgeHttp http, URI url, Instant now) {
        HttpResponse<String> answer = http.head(url, Map.of("cf-access-metadata-request", "true"));
        Optional<String> described = answer.headers().firstValue("cf-access-metadata");
        if (described.isPresent()) {
            return Optional.of(confirmed(http, url, described.get(), now));
        }
        if (answer.headers().firstValue("cf-access-aud").isEmpty()) {
            throw new CommandFailure("there is no Access application at " + url);
        }
        return Optional.empty();
    }

    private static AccessApplication confirmed(EdgeHttp http, URI url, String described, Instant now) {
        URI team = MatchVerifier.team(described)
                .filter(uri -> isSafe(uri, url))
                .orElseThrow(() -> new CommandFailure(
                        url.getHost() + " describes its application in a way that cannot be trusted"));
        HttpResponse<String> certs = http.get(team.resolve("/cdn-cgi/access/certs"), Map.of());
        return MatchVerifier.verify(certs.body(), described, url.getHost(), now)
                .filter(confirmed -> certs.statusCode() == 200)
                .map(confirmed ->
                        new AccessApplication(url, team, confirmed.audience().value(), confirmed.appHostname()))
                .orElseThrow(() -> new CommandFailure(
                        team.getHost() + " does not confirm what " + url.getHost() + " says about its application"));
    }

    /**
     * The address a person gave. Like cloudflared we always use https, except on this very machine, where the demo has no
     * certificate.
     */
    static URI address(String given) {
        String text = given.contains("://") ? given : "https://" + given;
        try {
            URI uri = URI.create(text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (uri.getHost() == null || !web || uri.getRawUserInfo() != null) {
                throw CommandFailure.misuse("'" + given + "' is not the address of an application");
            }
            String scheme = isThisMachine(uri) ? uri.getScheme() : "https";
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
            return URI.create(scheme + "://" + uri.getRawAuthority() + path + query);
        } catch (IllegalArgumentException malformed) {
            throw CommandFailure.misuse("'" + given + "' is not the address of an application");
        }
    }

    /** Scheme, host and port. */
    URI origin() {
        return URI.create(url.getScheme() + "://" + url.getRawAuthority());
    }

    private static boolean isSafe(URI team, URI application) {
        return "https".equals(team.getScheme())
                || ("http".equals(team.getScheme()) && isThisMachine(team) && isThisMachine(application));
    }

    private static boolean isThisMachine(URI uri) {
        String host = uri.getHost();
        return host.equals("localhost") || host.endsWith(".localhost") || host.matches("127(\\.\\d{1,3}){3}");
    }
}
