package io.sallyport.catalog;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Starts the embedded PostgreSQL, when no database is configured, in parallel to Spring's start, because creating a
 * cluster takes seconds. The code that starts the application must close this when the start fails, because before the
 * bean exists nothing else stops the server.
 */
public final class EmbeddedDatabase
        implements ApplicationContextInitializer<ConfigurableApplicationContext>, AutoCloseable {
    static final String NAME = "sallyport";

    private @Nullable CompletableFuture<PostgresServer> starting;
    private boolean handedOver;

    @Override
    public synchronized void initialize(ConfigurableApplicationContext context) {
        Environment environment = context.getEnvironment();
        if (StringUtils.hasText(environment.getProperty("spring.datasource.url"))) {
            return;
        }
        CatalogSettings settings = Binder.get(environment).bindOrCreate("sallyport", CatalogSettings.class);
        CompletableFuture<PostgresServer> future = new CompletableFuture<>();
        Thread.ofPlatform().name("embedded-postgres").start(() -> {
            try {
                future.complete(start(settings));
            } catch (RuntimeException | Error failed) {
                future.completeExceptionally(failed);
            }
        });
        starting = future;
        context.getBeanFactory().registerSingleton("embeddedDatabase.early", this);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::close));
    }

    /** A running server with our database in it. */
    static PostgresServer start(CatalogSettings settings) {
        PostgresServer server = PostgresServer.start(settings.dataDir().resolve("postgres"), Map.of());
        try {
            server.createDatabase(NAME, null);
            return server;
        } catch (RuntimeException failed) {
            server.close();
            throw failed;
        }
    }

    /** Waits for the server and returns it; from now on the caller must stop it. */
    synchronized PostgresServer handOver() {
        if (starting == null) {
            throw new IllegalStateException("nothing was started");
        }
        try {
            PostgresServer server = starting.join();
            handedOver = true;
            return server;
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /** Stops a server that was not handed over. */
    @Override
    public synchronized void close() {
        if (starting != null && !handedOver) {
            handedOver = true;
            starting.thenAccept(PostgresServer::close)
                    .exceptionally(neverRan -> null)
                    .join();
        }
    }
}
