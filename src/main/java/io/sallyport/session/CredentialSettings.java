package io.sallyport.session;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of the doors for programs: the admin API, SCIM, the page that approves tunnel logins.
 *
 * @param wrongPerMinute credentials that are none which one source may show on one replica
 */
@ConfigurationProperties(value = "sallyport.credentials", ignoreUnknownFields = false)
record CredentialSettings(@DefaultValue("30") int wrongPerMinute) {
    /** @throws IllegalArgumentException when a single slip would shut a source out */
    CredentialSettings {
        if (wrongPerMinute < 1) {
            throw new IllegalArgumentException("sallyport.credentials.wrong-per-minute must be at least 1");
        }
    }
}
