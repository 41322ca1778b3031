package io.sallyport;

import io.sallyport.catalog.DatabaseProbe;
import io.sallyport.catalog.StateFailure;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.MasterKey;
import io.sallyport.token.Sealer;
import io.sallyport.web.Vigil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import reactor.core.scheduler.Schedulers;

/** The master key and what hangs on it, for packages that know no Spring. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DeploymentSettings.class)
class DeploymentConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(DeploymentConfiguration.class);

    @Bean
    static UnknownSettings unknownSettings(ConfigurableEnvironment environment) {
        return new UnknownSettings(environment);
    }

    /** Lazy: the edge alone has no database to watch. */
    @Bean
    @Lazy
    Vigil vigil(JdbcConnectionDetails database) {
        DatabaseProbe probe = new DatabaseProbe(database.getJdbcUrl(), database.getUsername(), database.getPassword());
        return new Vigil(
                probe::answers,
                Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "database-probe"));
    }

    @Bean
    MasterKey masterKey(DeploymentSettings settings, Environment environment) {
        try {
            if (settings.masterKey() != null) {
                return MasterKey.parse(settings.masterKey());
            }
            if (settings.masterKeyFile() != null) {
                return MasterKey.read(settings.masterKeyFile());
            }
            Path generated = Files.createDirectories(settings.dataDir()).resolve("master-key");
            if (environment.containsProperty("spring.datasource.url")) {
                LOG.warn(
                        "the master key is {}: every replica needs the same one, and a restored database is worth nothing"
                                + " without it; set sallyport.master-key-file",
                        generated);
            }
            return MasterKey.readOrCreate(generated);
        } catch (IllegalArgumentException e) {
            throw new StateFailure(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new StateFailure("the master key cannot be read: " + e.getMessage(), e);
        }
    }

    @Bean
    EnvelopeKeyWrapper keyWrapper(MasterKey key, DeploymentSettings settings) {
        List<MasterKey> former = new ArrayList<>();
        for (Path file : settings.formerMasterKeyFiles()) {
            try {
                former.add(MasterKey.read(file));
            } catch (IllegalArgumentException | IOException e) {
                throw new StateFailure("the former master key cannot be read: " + e.getMessage(), e);
            }
        }
        return new EnvelopeKeyWrapper(key, former);
    }

    @Bean
    @ConditionalOnProperty("sallyport.former-master-key-files")
    MasterKeyRotation masterKeyRotation(EnvelopeKeyWrapper wrapper, JdbcClient jdbc) {
        return new MasterKeyRotation(wrapper, jdbc);
    }

    @Bean
    Sealer sealer(MasterKey key) {
        return new Sealer(key);
    }
}
