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
    /** What was shown, and what it was found to be. */
    record Certificate(Shown shown, Verdict verdict) {
        /** For policies and tokens; null when nobody is proved. */
        @Nullable
        CertificateIdentity holder() {
            return verdict.holder();
        }
    }

    private static final String ATTRIBUTE = AccessExchange.class.getName();

    void store(ServerWebExchange exchange) {
        exchange.getAttributes().put(ATTRIBUTE, this);
    }

    /** Of an exchange that may have failed before there was one. */
    static @Nullable AccessExchange find(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    static AccessExchange of(ServerWebExchange exchange) {
        return exchange.getRequiredAttribute(ATTRIBUTE);
    }
}
