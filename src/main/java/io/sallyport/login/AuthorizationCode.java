package io.sallyport.login;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the team domain hands to the application host at the end of a login: sealed, good for a minute, once, and only in the
 * browser that holds the CF_AppSession it was made for.
 *
 * @param id makes it single use
 * @param session the identity nonce
 * @param onward set on a {@link HostTour}: this host is one of several, and whatever happens here the browser goes on
 */
record AuthorizationCode(
        String id,
        String audience,
        String host,
        String returnTo,
        String appSession,
        String session,
        long ends,
        @Nullable Onward onward)
        implements Seals.Ending {
    /**
     * Where the browser goes on to.
     *
     * @param stops hosts whose cookie is still to be set
     * @param home the page the person wanted
     */
    record Onward(List<Stop> stops, String home) {}

    /**
     * One host of the application.
     *
     * @param appSession hash of the CF_AppSession that this browser has there
     */
    record Stop(String host, String appSession) {}
}
