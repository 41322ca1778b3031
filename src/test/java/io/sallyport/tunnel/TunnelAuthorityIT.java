package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testkit.TestPostgres;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.MasterKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One certificate authority for all replicas, its key enveloped. */
class TunnelAuthorityIT {
    private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private static TestPostgres postgres;

    private final JdbcClient database = JdbcClient.create(postgres.dataSource());
    private final EnvelopeKeyWrapper wrapper = new EnvelopeKeyWrapper(masterKey(1));

    private static MasterKey masterKey(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return MasterKey.parse(Base64.getEncoder().encodeToString(bytes));
    }

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void empty() {
        database.sql("delete from tunnel_authority").update();
    }

    @Test
    void replicasShareItAndIssueLeavesOfTheirOwn() throws Exception {
        TunnelAuthority one = TunnelAuthority.readOrCreate(database, wrapper, CLOCK);
        TunnelAuthority other = TunnelAuthority.readOrCreate(database, wrapper, CLOCK);
        assertThat(other.certificatePem()).isEqualTo(one.certificatePem()).startsWith("-----BEGIN CERTIFICATE-----");

        List<X509Certificate> chain = other.issue(NOW).chain();
        X509Certificate leaf = chain.getFirst();
        leaf.verify(one.issue(NOW).chain().getLast().getPublicKey());
        leaf.checkValidity(Date.from(NOW));
        assertThat(leaf.getBasicConstraints()).as("no authority itself").isEqualTo(-1);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getSubjectAlternativeNames().stream().map(name -> String.valueOf(name.get(1))))
                .contains("h2.cftunnel.com", "quic.cftunnel.com", "probe.cftunnel.com");
        assertThat(leaf.getPublicKey())
                .isNotEqualTo(one.issue(NOW).chain().getFirst().getPublicKey());
    }

    /** A start on a full disk would otherwise leave an empty file to connectors. */
    @Test
    void aFileThatSaysTheSameIsNotWrittenAgain(@TempDir Path directory) throws Exception {
        TunnelAuthority authority = TunnelAuthority.readOrCreate(database, wrapper, CLOCK);
        Path file = directory.resolve("data/tunnel-ca.pem");
        new CertificateSource.OwnAuthority(() -> authority, file, CLOCK).next();
        FileTime longAgo = FileTime.from(NOW);
        Files.setLastModifiedTime(file, longAgo);

        new CertificateSource.OwnAuthority(() -> authority, file, CLOCK).next();
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(longAgo);

        Files.writeString(file, "of another authority");
        new CertificateSource.OwnAuthority(() -> authority, file, CLOCK).next();
        assertThat(file).hasContent(authority.certificatePem());
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void itsKeyStandsNowhereInTheClearAndOpensUnderNoOtherMasterKey() {
        TunnelAuthority.readOrCreate(database, wrapper, CLOCK);
        byte[] stored = database.sql("select key from tunnel_authority")
                .query(byte[].class)
                .single();
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("\u002a\u0086\u0048\u00ce");
        assertThatThrownBy(() -> TunnelAuthority.readOrCreate(database, new EnvelopeKeyWrapper(masterKey(2)), CLOCK))
                .isInstanceOf(SharedAuthority.UnreadableException.class)
                .hasMessageContaining("master key");
    }
}
