package io.sallyport.launcher;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.http.HostName;
import io.sallyport.http.RequestContext;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.web.SingleValue;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;

/**
 * One request to the portal, read whole, with the one snapshot it is answered from.
 *
 * @param country of the client, when a geo database is installed
 * @param holder whom the client certificate of this request makes its sender, at each host
 * @param form fields of a posted form; empty for everything else
 */
record Guest(
        RequestContext context,
        Snapshot snapshot,
        Instant now,
        @Nullable String country,
        Function<HostName, Optional<CertificateIdentity>> holder,
        HttpHeaders headers,
        MultiValueMap<String, String> query,
        MultiValueMap<String, String> form) {
    /** A query parameter that came exactly once. */
    Optional<String> query(String name) {
        return SingleValue.of(query, name);
    }

    /** A form field that came exactly once. */
    Optional<String> form(String name) {
        return SingleValue.of(form, name);
    }

    /** Every value of CF_Authorization. */
    List<String> authorizationCookies() {
        return CookieHeader.parse(headers.getOrEmpty(HttpHeaders.COOKIE)).values(AccessHeaders.AUTHORIZATION_COOKIE);
    }

    /**
     * The request to decide whether this person may open an application on that host; null when the host is not ours.
     */
    AccessRequest asking(@Nullable HostName host, Subject.Person person) {
        return new AccessRequest(
                context.client(),
                country,
                null,
                host == null ? null : holder.apply(host).orElse(null),
                person);
    }
}
