package io.sallyport.testkit;

import io.sallyport.SallyportServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/** The whole product on free loopback ports, with a database of its own: what a test of the whole starts. */
public final class TestServer implements AutoCloseable {
    /** The admin token every test server takes. */
    public static final String ADMIN_TOKEN = "test-admin-token-0123456789abcdef0123456789abcdef";

    private static @Nullable TestServer shared;

    private final ConfigurableApplicationContext context;
    private final Path dataDir;
    private final @Nullable TestPostgres database;

    private TestServer(ConfigurableApplicationContext context, Path dataDir, @Nullable TestPostgres database) {
        this.context = context;
        this.dataDir = dataDir;
        this.database = database;
    }

    /** Starts one with the given settings on top of the defaults; unless they name a database, it gets one as of {@link TestPostgres}. */
    public static TestServer start(Map<String, String> settings) {
        if (settings.containsKey("spring.datasource.url")) {
            return start(temporaryDirectory(), settings, null);
        }
        TestPostgres database = TestPostgres.migrated();
        Path dataDir = temporaryDirectory();
        KeptKeys.lend(database, dataDir.resolve("master-key"));
        Map<String, String> all = new LinkedHashMap<>(database.settings());
        all.putAll(settings);
        TestServer server = start(dataDir, all, database);
        KeptKeys.keep(database.jdbc());
        return server;
    }

    /**
     * The one with usual settings that tests of this JVM share. Each brings names and hosts of its own, and leaves as it was what is
     * everybody's: nobody may count on an empty database.
     */
    public static synchronized TestServer shared() {
        TestServer known = shared;
        if (known == null) {
            known = start(Map.of("sallyport.login.requests-per-minute", "5000")).untilTheEnd();
            shared = known;
        }
        return known;
    }

    /** Starts another replica, on the database of this one and with its master key. */
    public TestServer beside(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.putAll(database().settings());
        all.put("sallyport.master-key-file", dataDir.resolve("master-key").toString());
        return start(all);
    }

    /** Starts one with an embedded PostgreSQL, as it comes without a configured database, which a test may stop. */
    public static TestServer embedded(Map<String, String> settings) {
        return start(temporaryDirectory(), settings);
    }

    /** Starts one on a data directory that may have been used before, with an embedded PostgreSQL unless the settings name another. */
    public static TestServer start(Path dataDir, Map<String, String> settings) {
        return start(dataDir, settings, null);
    }

    private static TestServer start(Path dataDir, Map<String, String> settings, @Nullable TestPostgres database) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("sallyport.http.port", "0");
        all.put("sallyport.management.port", "0");
        all.put("sallyport.tunnel.port", "0");
        all.put("sallyport.data-dir", dataDir.toString());
        all.put("sallyport.admin-token", ADMIN_TOKEN);
        all.put("sallyport.outbound.allow", "127.0.0.0/8,::1");
        all.put("sallyport.credentials.wrong-per-minute", "100000"); // all tests come from one address
        all.put("server.address", "127.0.0.1");
        all.put("server.shutdown", "immediate");
        all.putAll(settings);
        ConfigurableApplicationContext context = new SpringApplicationBuilder(SallyportServer.class, OwnLoops.class)
                .web(WebApplicationType.REACTIVE)
                .run(all.entrySet().stream()
                        .map(each -> "--" + each.getKey() + "=" + each.getValue())
                        .toArray(String[]::new));
        return new TestServer(context, dataDir, database);
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory("sallyport-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps it for all tests of this JVM. Closed after Spring has closed the context, where another shutdown hook would race it. */
    public TestServer untilTheEnd() {
        SpringApplication.getShutdownHandlers().add(this::close);
        return this;
    }

    /** The public port. */
    public int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    /** The management port. */
    public int managementPort() {
        return context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
    }

    /** A URL on one of our hosts, as a browser writes it. */
    public String url(String host, String pathAndQuery) {
        return "http://" + host + ":" + port() + pathAndQuery;
    }

    /** Its admin API. */
    public AdminClient admin() {
        return new AdminClient("http://127.0.0.1:" + port(), ADMIN_TOKEN);
    }

    /** The Spring context, for tests that reach inside. */
    public ConfigurableApplicationContext context() {
        return context;
    }

    /** Its database, when it was not given one. */
    public TestPostgres database() {
        return Objects.requireNonNull(database, "it was given its database");
    }

    /** Where it keeps its state. */
    public Path dataDir() {
        return dataDir;
    }

    /** Stops the server and keeps its data, as a restart would. */
    public void stop() {
        context.close();
    }

    @Override
    public void close() {
        context.close();
        if (database != null) {
            database.close();
        }
        try {
            FileSystemUtils.deleteRecursively(dataDir);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
