package io.sallyport.snapshot;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of the connection for LISTEN.
 *
 * @param url JDBC URL of PostgreSQL itself, needed when {@code spring.datasource.url} leads to a pooler in transaction
 *     mode, which loses notices; null to use that URL
 */
@ConfigurationProperties("sallyport.notify")
record NotifySettings(@Nullable String url) {
    /** @throws IllegalArgumentException when the URL is not one of PostgreSQL's driver */
    NotifySettings {
        if (url != null && !url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("sallyport.notify.url must begin with jdbc:postgresql:");
        }
    }
}
