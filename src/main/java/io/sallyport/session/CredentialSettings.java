package io.sallyport.session;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of wrong credentials at the admin API, SCIM, and the page that approves tunnel logins.
 *
 * @param wrongPerMinute wrong credentials that one source may present per minute on one replica
 */
@ConfigurationProperties(value = "sallyport.credentials", ignoreUnknownFields = false)
record CredentialSettings(@DefaultValue("30") int wrongPerMinute) {
    /** @throws IllegalArgumentException when it is less than 1 */
    CredentialSettings {
        if (wrongPerMinute < 1) {
            throw new IllegalArgumentException("sallyport.credentials.wrong-per-minute must be at least 1");
        }
    }
}
