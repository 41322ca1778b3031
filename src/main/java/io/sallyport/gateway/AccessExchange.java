package io.sallyport.gateway;

import io.sallyport.http.RequestContext;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.mtls.Shown;
import io.sallyport.mtls.Verdict;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/**
 * One request to an application host together with the one snapshot it is judged by. From {@link ApplicationHandler} on, the snapshot
 * travels here.
 *
 * @param stale whether the snapshot is too old to admit anybody by a policy of this application
 * @param application null when only an origin claims the host
 * @param origin null when nothing is behind the application
 * @param certificate what became of the client certificate
 */
record AccessExchange(
        RequestContext context,
        Snapshot snapshot,
        boolean stale,
        @Nullable Application application,
        @Nullable Destination origin,
        Certificate certificate) {
    /** The certificate that the client showed, and the verdict on it. */
    record Certificate(Shown shown, Verdict verdict) {
        /** The certificate's holder, for policies and tokens; null when the certificate proves nobody. */
        @Nullable
        CertificateIdentity holder() {
            return verdict.holder();
        }
    }

    private static final String ATTRIBUTE = AccessExchange.class.getName();

    void store(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** The record of an exchange; null when the exchange failed before it was made. */
    static @Nullable AccessExchange find(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    static AccessExchange of(ServerWebExchange exchange) {
        return exchange.getRequiredAttribute(ATTRIBUTE);
    }
}
