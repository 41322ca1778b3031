package io.sallyport.snapshot;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.audit.AuditConfiguration;
import io.sallyport.catalog.CatalogConfiguration;
import io.sallyport.catalog.ConfigVersion;
import io.sallyport.testkit.KeptKeys;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.KeyWrapper;
import io.sallyport.token.MasterKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** The state of one replica, without its web server: catalog, audit and snapshot on a real database. */
final class Replica implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    private Replica(ConfigurableApplicationContext context) {
        this.context = context;
    }

    @Configuration(proxyBeanMethods = false)
    @Import({CatalogConfiguration.class, AuditConfiguration.class, SnapshotConfiguration.class})
    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        JdbcClientAutoConfiguration.class,
        HibernateJpaAutoConfiguration.class,
        DataJpaRepositoriesAutoConfiguration.class,
        TransactionAutoConfiguration.class
    })
    static class Slice {
        @Bean
        InstantSource clock() {
            return InstantSource.system();
        }

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        KeyWrapper keyWrapper(@org.springframework.beans.factory.annotation.Value("${test.master-key}") String key) {
            return new EnvelopeKeyWrapper(MasterKey.parse(key));
        }
    }

    /** Starts one on the database that these settings name. */
    static Replica start(Map<String, String> settings, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("--test.master-key=" + KeptKeys.masterKey(), "--sallyport.auth-domain=auth.example.com"));
        settings.forEach((key, value) -> arguments.add("--" + key + "=" + value));
        // A repeated option has both values, of which Spring takes neither alone: the later one replaces the earlier.
        for (String each : more) {
            String key = each.substring(0, each.indexOf('=') + 1);
            arguments.removeIf(argument -> argument.startsWith(key));
            arguments.add(each);
        }
        JdbcClient database = JdbcClient.create(new DriverManagerDataSource(
                settings.get("spring.datasource.url"),
                settings.get("spring.datasource.username"),
                settings.get("spring.datasource.password")));
        KeptKeys.lend(database);
        Replica started = new Replica(new SpringApplicationBuilder(Slice.class)
                .web(WebApplicationType.NONE)
                .run(arguments.toArray(String[]::new)));
        KeptKeys.keep(database);
        return started;
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    Snapshot snapshot() {
        Snapshot current = bean(SnapshotHolder.class).current();
        if (current == null) {
            throw new AssertionError("no snapshot yet");
        }
        return current;
    }

    /** One admin write: the change, and the raised version before it. */
    long write(Runnable change) {
        Long version = bean(TransactionTemplate.class).execute(tx -> {
            long raised = bean(ConfigVersion.class).bump();
            change.run();
            return raised;
        });
        if (version == null) {
            throw new AssertionError("no version");
        }
        return version;
    }

    /** Waits for a condition, looking every millisecond; returns the nanoseconds it took. */
    static long await(String what, Duration atMost, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > atMost.toNanos()) {
                throw new AssertionError("not within " + atMost + ": " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
        return System.nanoTime() - start;
    }

    @Override
    public void close() {
        context.close();
    }
}
