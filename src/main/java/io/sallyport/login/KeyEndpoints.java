package io.sallyport.login;

import io.sallyport.token.DiscoveryDocument;
import io.sallyport.token.JwksDocument;
import io.sallyport.web.SecurityHeaders;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * The public keys and the discovery document for validators that only take an issuer. The one
 * place of the edge that other origins may read and caches may keep: it is public data.
 */
final class KeyEndpoints {
    private static final String ANY = "*";

    /** {@code /cdn-cgi/access/certs}; some validators fetch it at every request, so a known tag costs no body. */
    Reply certs(Visit visit) {
        JwksDocument document = visit.snapshot().keys().jwks(visit.now());
        HttpHeaders headers = open(visit, document.cacheControl());
        headers.setETag(document.etag());
        boolean known = visit.headers().getIfNoneMatch().stream()
                .anyMatch(tag -> tag.equals(ANY) || tag.equals(document.etag()) || tag.equals("W/" + document.etag()));
        return known ? new Reply(304, headers, new byte[0]) : new Reply(200, headers, document.body());
    }

    /** {@code /.well-known/openid-configuration} on the team domain. */
    Reply discovery(Visit visit) {
        String caching = visit.snapshot().keys().jwks(visit.now()).cacheControl();
        return new Reply(
                200,
                open(visit, caching),
                DiscoveryDocument.of(visit.snapshot().settings().issuer()));
    }

    private static HttpHeaders open(Visit visit, String caching) {
        HttpHeaders headers = new HttpHeaders();
        SecurityHeaders.write(headers, visit.context().secure());
        headers.setContentType(MediaType.APPLICATION_JSON);
        headers.setCacheControl(caching);
        headers.setAccessControlAllowOrigin(ANY);
        return headers;
    }
}
