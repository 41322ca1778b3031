package io.sallyport.catalog;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Starts the embedded PostgreSQL, when no database is configured, in parallel to Spring's start, because creating a
 * cluster takes seconds. The code that starts the application must close this when the start fails, because before the
 * bean exists nothing else stops the server. At the end of the process the server is stopped after the application, also
 * when Spring leaves that alone: it does not close an application whose start waits for something.
 */
public final class EmbeddedDatabase
        implements ApplicationContextInitializer<ConfigurableApplicationContext>, AutoCloseable {
    static final String NAME = "sallyport";

    private volatile @Nullable CompletableFuture<PostgresServer> starting;

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        Environment environment = context.getEnvironment();
        if (StringUtils.hasText(environment.getProperty("spring.datasource.url"))) {
            return;
        }
        CatalogSettings settings = Binder.get(environment).bindOrCreate("sallyport", CatalogSettings.class);
        SpringApplication.getShutdownHandlers().add(this::close);
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
    PostgresServer handOver() {
        CompletableFuture<PostgresServer> server = starting;
        if (server == null) {
            throw new IllegalStateException("nothing was started");
        }
        try {
            return server.join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failed;
        }
    }

    /** Stops the server, unless whoever took it over has done that. */
    @Override
    public void close() {
        CompletableFuture<PostgresServer> server = starting;
        if (server != null) {
            server.thenAccept(PostgresServer::close)
                    .exceptionally(neverRan -> null)
                    .join();
        }
    }
}
