package io.sallyport.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much is remembered.
 *
 * @param queue events that may wait for the database before the next is dropped and counted
 * @param keepEvents how long authentication events are kept
 */
@ConfigurationProperties("sallyport.audit")
record AuditSettings(
        @DefaultValue("10000") int queue,
        @DefaultValue("180d") Duration keepEvents) {
    AuditSettings {
        if (queue < 1) {
            throw new IllegalArgumentException("sallyport.audit.queue must be at least 1");
        }
        if (keepEvents.isNegative() || keepEvents.isZero()) {
            throw new IllegalArgumentException("sallyport.audit.keep-events must be longer than nothing");
        }
    }
}
