package io.sallyport.testkit;

import io.sallyport.SallyportServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/** The whole product on free loopback ports, with a PostgreSQL of its own: what a test of the whole starts. */
public final class TestServer implements AutoCloseable {
    /** The admin token every test server takes. */
    public static final String ADMIN_TOKEN = "test-admin-token-0123456789abcdef0123456789abcdef";

    private final ConfigurableApplicationContext context;
    private final Path dataDir;

    private TestServer(ConfigurableApplicationContext context, Path dataDir) {
        this.context = context;
        this.dataDir = dataDir;
    }

    /** Starts one with the given settings on top of the defaults. */
    public static TestServer start(Map<String, String> settings, Class<?>... extraConfiguration) {
        try {
            return start(Files.createTempDirectory("sallyport-test"), settings, extraConfiguration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one on a data directory that may have been used before. */
    public static TestServer start(Path dataDir, Map<String, String> settings, Class<?>... extraConfiguration) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("sallyport.http.port", "0");
        all.put("sallyport.management.port", "0");
        all.put("sallyport.tunnel.port", "0");
        all.put("sallyport.data-dir", dataDir.toString());
        all.put("sallyport.admin-token", ADMIN_TOKEN);
        all.put("sallyport.outbound.allow", "127.0.0.0/8,::1");
        all.put("server.address", "127.0.0.1");
        all.put("server.shutdown", "immediate");
        all.putAll(settings);
        List<Class<?>> sources = new ArrayList<>(List.of(SallyportServer.class, OwnLoops.class));
        sources.addAll(List.of(extraConfiguration));
        ConfigurableApplicationContext context = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
                .web(WebApplicationType.REACTIVE)
                .run(all.entrySet().stream()
                        .map(each -> "--" + each.getKey() + "=" + each.getValue())
                        .toArray(String[]::new));
        return new TestServer(context, dataDir);
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
        try {
            FileSystemUtils.deleteRecursively(dataDir);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
