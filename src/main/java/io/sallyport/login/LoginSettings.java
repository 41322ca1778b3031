package io.sallyport.login;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits of the login flow.
 *
 * @param requestsPerMinute requests one source may make to login pages on one replica
 */
@ConfigurationProperties(value = "sallyport.login", ignoreUnknownFields = false)
record LoginSettings(@DefaultValue("300") int requestsPerMinute) {
    /** @throws IllegalArgumentException when the limit is so low that nobody could sign in */
    LoginSettings {
        if (requestsPerMinute < 1) {
            throw new IllegalArgumentException("sallyport.login.requests-per-minute must be at least 1");
        }
    }
}
