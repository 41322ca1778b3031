package io.sallyport.demo;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the demo.
 *
 * @param mailboxPort loopback port of the mailbox page; 0 picks a free one
 */
@ConfigurationProperties("sallyport.demo")
record DemoProperties(@DefaultValue("8025") int mailboxPort) {
    /** @throws IllegalArgumentException when it is not a port */
    DemoProperties {
        if (mailboxPort < 0 || mailboxPort > 65_535) {
            throw new IllegalArgumentException("sallyport.demo.mailbox-port must be between 0 and 65535");
        }
    }

    /** Where the login flow drops its mail in the demo. */
    static Path outbox(Path dataDir) {
        return dataDir.resolve("outbox");
    }
}
