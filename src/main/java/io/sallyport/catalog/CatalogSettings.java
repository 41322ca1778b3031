package io.sallyport.catalog;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the state lives.
 *
 * @param dataDir holds embedded PostgreSQL when no database is configured, and generated keys and tokens
 */
@ConfigurationProperties("sallyport")
record CatalogSettings(@DefaultValue("./data") Path dataDir) {}
