package io.sallyport.gateway;

import io.sallyport.session.SourceLimits;
import java.net.InetAddress;

/**
 * Counts app passes that do not authenticate, per source: after thirty in a minute the answer says to slow down. A correct pass is
 * never counted, so nobody is locked out by somebody else's guesses (ST-05).
 */
final class PassFailures {
    private static final int PER_MINUTE = 30;

    private final SourceLimits sources = new SourceLimits(PER_MINUTE);

    /** Counts one; true when the source has had too many. */
    boolean tooMany(InetAddress client) {
        return !sources.admits(client);
    }
}
