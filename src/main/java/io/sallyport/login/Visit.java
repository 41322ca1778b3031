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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;

/**
 * A request to one of our own pages, completely read: what the gateway established about it, the snapshot, cookies and
 * parameters. The steps of the login flow are blocking functions of it.
 *
 * @param country of the client, when a geo database is installed
 * @param certificate holder of the client certificate of this request; null on the team domain, which asks for none
 * @param form fields of a posted form; empty for everything else
 * @param left set when the browser leaves before it is answered
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
        MultiValueMap<String, String> form,
        AtomicBoolean left) {
    /**
     * A query parameter that occurs exactly once. A repeated one counts as missing, so that two readers cannot pick
     * different values.
     */
    Optional<String> query(String name) {
        return SingleValue.of(query, name);
    }

    /** A form field that occurs exactly once. */
    Optional<String> form(String name) {
        return SingleValue.of(form, name);
    }

    /**
     * Whether a page of another origin posted this form. The form's seal and CF_Session prove that too, unless a
     * sibling host planted them (CS-04).
     */
    boolean isForeignForm() {
        return FetchMetadata.isForeignForm(headers);
    }

    /** The last segment of the path. */
    String lastSegment() {
        String path = context.target().path();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The request as policies see it without a login. */
    AccessRequest anonymous() {
        return new AccessRequest(context.client(), country, null, certificate, new Subject.Anonymous());
    }

    /**
     * The same for a login that leads to an application whose host saw a client certificate. Here that only decides
     * whether a login makes sense; access is decided later on the application's host, by the certificate of that
     * request.
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
