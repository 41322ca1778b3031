package io.sallyport.snapshot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the picture of the world takes from the process rather than from the database.
 *
 * @param authDomain the team domain at the first start, and again whenever the setting changes
 * @param publicScheme what browsers see, null for the listener's own
 * @param publicPort what browsers see, null for the listener's own
 * @param snapshot how the picture is kept current
 */
@ConfigurationProperties("sallyport")
record SnapshotSettings(
        @DefaultValue("auth.localhost") String authDomain,
        @Nullable String publicScheme,
        @Nullable Integer publicPort,
        @DefaultValue Freshness snapshot) {
    SnapshotSettings {
        if (publicScheme != null && !publicScheme.equals("http") && !publicScheme.equals("https")) {
            throw new IllegalArgumentException("sallyport.public-scheme must be http or https");
        }
        if (publicPort != null && (publicPort < 1 || publicPort > 65_535)) {
            throw new IllegalArgumentException("sallyport.public-port must be between 1 and 65535");
        }
    }

    /**
     * How the picture is kept current.
     *
     * @param maxStaleness how long a picture counts that nobody could compare with the database
     * @param poll how often versions are compared when no notice comes
     */
    record Freshness(
            @DefaultValue("15m") Duration maxStaleness,
            @DefaultValue("1s") Duration poll) {
        Freshness {
            if (maxStaleness.isNegative()) {
                throw new IllegalArgumentException("sallyport.snapshot.max-staleness must not be negative");
            }
            if (poll.toMillis() < 10) {
                throw new IllegalArgumentException("sallyport.snapshot.poll must be at least 10ms");
            }
        }
    }
}
