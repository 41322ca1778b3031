package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.http.RequestContext;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.web.FetchMetadata;
import io.sallyport.web.SingleValue;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;

/**
 * One request to a page of ours, read whole: what the edge established, the one snapshot, cookies and parameters. The steps of the
 * login flow are plain blocking functions of it.
 *
 * @param country of the client, when a geo database is installed
 * @param certificate whose client certificate this very request was made with; null on the team domain, which asks for none
 * @param form fields of a posted form; empty for everything else
 */
record Visit(
        RequestContext context,
        Snapshot snapshot,
        Instant now,
        @Nullable String country,
        @Nullable CertificateIdentity certificate,
        HttpHeaders headers,
        CookieHeader cookies,
        MultiValueMap<String, String> query,
        MultiValueMap<String, String> form) {
    /** A query parameter that came exactly once; a doubled one counts as missing, so that nobody reads another of the two. */
    Optional<String> query(String name) {
        return SingleValue.of(query, name);
    }

    /** A form field that came exactly once. */
    Optional<String> form(String name) {
        return SingleValue.of(form, name);
    }

    /** Whether a page of another origin sent this form. Its seal and CF_Session say so too, unless a neighbour planted them (CS-04). */
    boolean isForeignForm() {
        return FetchMetadata.isForeignForm(headers);
    }

    /** The last segment of the path. */
    String lastSegment() {
        String path = context.target().path();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The request as policies see it before anyone has logged in. */
    AccessRequest anonymous() {
        return new AccessRequest(context.client(), country, null, certificate, new Subject.Anonymous());
    }

    /**
     * The same on the way to an application, whose host may have seen a client certificate. What it saw decides whether a login is
     * worth while; whether the application opens is decided on its own host, by the certificate of that request.
     */
    AccessRequest anonymous(Destination destination) {
        String seen = destination.commonName();
        return certificate != null || seen == null
                ? anonymous()
                : new AccessRequest(
                        context.client(), country, null, CertificateIdentity.named(seen), new Subject.Anonymous());
    }

    /** Every value of the CF_Authorization cookie. */
    List<String> authorizationCookies() {
        return cookies.values(AccessHeaders.AUTHORIZATION_COOKIE);
    }
}
