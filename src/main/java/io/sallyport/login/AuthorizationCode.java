package io.sallyport.login;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one-time code that the team domain gives to the application host at the end of a login. It is sealed, valid for a
 * minute, works once, and only in the browser that holds the CF_AppSession cookie it was made for.
 *
 * @param id makes it single use
 * @param session the identity nonce
 * @param onward set on a {@link HostTour}, when this host is one of several: the browser goes on there whatever happens
 *     here
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
     * The rest of a tour.
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
