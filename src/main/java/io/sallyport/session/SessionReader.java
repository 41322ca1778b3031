package io.sallyport.session;

import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;
import java.util.List;

/** Reads who is at the door from headers and cookies, the snapshot and arithmetic alone: no I/O, so it may run on an event loop. */
public interface SessionReader {
    /**
     * What a request presented.
     *
     * @param authorizationCookies every value of CF_Authorization, in order; several are judged by CS-04
     * @param bindingCookies every value of CF_Binding
     * @param accessTokenHeaders every value of Cf-Access-Token
     * @param clientIds every value of Cf-Access-Client-Id
     * @param clientSecrets every value of Cf-Access-Client-Secret
     * @param singleHeader every value of the application's single service-token header; empty when it has none
     */
    record Presented(
            List<String> authorizationCookies,
            List<String> bindingCookies,
            List<String> accessTokenHeaders,
            List<String> clientIds,
            List<String> clientSecrets,
            List<String> singleHeader) {}

    /** Judges what was presented for this application. */
    SessionState read(Snapshot snapshot, Application application, Presented presented, Instant now);
}
