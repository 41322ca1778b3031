package io.sallyport.snapshot;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where LISTEN connects.
 *
 * @param url straight to PostgreSQL when {@code spring.datasource.url} leads through a pooler in transaction mode, which swallows
 *     notices; null when it does not
 */
@ConfigurationProperties("sallyport.notify")
record NotifySettings(@Nullable String url) {}
