package io.sallyport.snapshot;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.catalog.ConfigVersion;
import io.sallyport.token.KeyWrapper;
import jakarta.persistence.EntityManager;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.transaction.support.TransactionTemplate;

/** How rows become the one picture, and how it stays current. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@EnableConfigurationProperties({SnapshotSettings.class, NotifySettings.class})
class SnapshotConfiguration {
    @Bean
    SnapshotHolder snapshotHolder(SnapshotSettings settings) {
        return new SnapshotHolder(settings.snapshot().maxStaleness(), System::nanoTime);
    }

    @Bean
    SnapshotLoader snapshotLoader(DataSource dataSource, EntityManager entities) {
        return new SnapshotLoader(dataSource, entities);
    }

    @Bean
    SnapshotCompiler snapshotCompiler(KeyWrapper wrapper) {
        return new SnapshotCompiler(new ProviderCompiler(wrapper), new TunnelCompiler(wrapper));
    }

    @Bean
    SigningKeys signingKeys(
            JdbcClient jdbc,
            ConfigVersion version,
            KeyWrapper wrapper,
            InstantSource clock,
            TransactionTemplate transaction) {
        return new SigningKeys(jdbc, version, wrapper, clock, transaction);
    }

    @Bean
    PublicAddress publicAddress(SnapshotSettings settings, @Value("${sallyport.http.port:8080}") int listenerPort) {
        return new PublicAddress(settings, listenerPort);
    }

    @Bean(destroyMethod = "close")
    SnapshotRefresher snapshotRefresher(
            SnapshotLoader loader,
            SnapshotCompiler compiler,
            SigningKeys keys,
            SnapshotHolder holder,
            PublicAddress address,
            InstantSource clock,
            SnapshotSettings settings,
            MeterRegistry meters) {
        SnapshotBuilder builder = new SnapshotBuilder(loader, compiler, keys, address, clock);
        return new SnapshotRefresher(
                loader, builder, holder, settings.snapshot().poll(), meters);
    }

    @Bean(destroyMethod = "close")
    ConfigListener configListener(
            NotifySettings settings,
            JdbcConnectionDetails database,
            SnapshotRefresher refresher,
            List<NoticeListener> others) {
        String direct = settings.url();
        return new ConfigListener(
                direct == null ? database.getJdbcUrl() : direct,
                database.getUsername(),
                database.getPassword(),
                refresher::wake,
                others);
    }

    @Bean
    SnapshotLifecycle snapshotLifecycle(
            JdbcClient jdbc,
            ConfigVersion version,
            SigningKeys keys,
            TransactionTemplate transaction,
            InstantSource clock,
            SnapshotSettings settings,
            SnapshotRefresher refresher,
            ConfigListener listener,
            PublicAddress address) {
        FirstStart firstStart = new FirstStart(jdbc, version, keys, transaction, clock, settings.authDomain());
        return new SnapshotLifecycle(firstStart, refresher, listener, address);
    }

    @Bean
    SnapshotHealth snapshotHealthIndicator(
            SnapshotHolder holder, SnapshotRefresher refresher, ConfigListener listener) {
        return new SnapshotHealth(holder, refresher, listener);
    }
}
