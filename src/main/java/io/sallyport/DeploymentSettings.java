package io.sallyport;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What every part of one deployment shares.
 *
 * @param dataDir where a generated master key lies
 * @param masterKey base64 of 32 bytes; null when it comes from a file
 * @param masterKeyFile a file with the same; null means {@code DATA/master-key}, made at the first start
 * @param formerMasterKeyFiles files with master keys that stored secrets may still be under, for the time of a rotation: secrets
 *     are moved to the current key at the start
 */
@ConfigurationProperties("sallyport")
record DeploymentSettings(
        @DefaultValue("./data") Path dataDir,
        @Nullable String masterKey,
        @Nullable Path masterKeyFile,
        @DefaultValue List<Path> formerMasterKeyFiles) {
    /** The key stays out of logs. */
    @Override
    public String toString() {
        return "DeploymentSettings[dataDir=" + dataDir + ", masterKeyFile=" + masterKeyFile + ", formerMasterKeyFiles="
                + formerMasterKeyFiles + "]";
    }
}
