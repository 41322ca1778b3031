package io.sallyport;

import io.sallyport.catalog.StateFailure;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.KeyWrapper;
import io.sallyport.token.MasterKey;
import io.sallyport.token.Sealer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The master key and what hangs on it, for packages that know no Spring. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DeploymentSettings.class)
class DeploymentConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(DeploymentConfiguration.class);

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
    KeyWrapper keyWrapper(MasterKey key) {
        return new EnvelopeKeyWrapper(key);
    }

    @Bean
    Sealer sealer(MasterKey key) {
        return new Sealer(key);
    }
}
