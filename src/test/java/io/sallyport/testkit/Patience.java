package io.sallyport.testkit;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.Extension;

/**
 * Half a minute, instead of ten seconds, for whatever a test awaits without a time of its own: on two cores with three test JVMs a
 * handshake or a rebuild may take seconds, and who is patient with what comes at once loses nothing. JUnit finds this by itself.
 */
public final class Patience implements Extension {
    static {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
    }
}
