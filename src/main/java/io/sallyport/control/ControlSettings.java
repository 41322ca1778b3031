package io.sallyport.control;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the admin API takes from the process settings.
 *
 * @param adminToken the first token; null makes one in the data directory
 * @param consoleDomain the host the API answers on
 * @param dataDir where the made token lies
 */
@ConfigurationProperties("sallyport")
record ControlSettings(
        @Nullable String adminToken,
        @DefaultValue("console.localhost") String consoleDomain,
        @DefaultValue("./data") Path dataDir) {
    /** The token stays out of logs. */
    @Override
    public String toString() {
        return "ControlSettings[consoleDomain=" + consoleDomain + ", dataDir=" + dataDir + "]";
    }
}
