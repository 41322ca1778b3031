package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import io.sallyport.token.MasterKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

class MasterKeyRotationIT {
    @TempDir
    private Path files;

    private final TestPostgres postgres = TestPostgres.migrated();

    @AfterEach
    void dropTheDatabase() {
        postgres.close();
    }

    @Test
    void se03_r23_theMasterKeyIsRotatedAndTheOldOneOpensNothing() throws IOException {
        Path old = key("old", (byte) 1);
        Path next = key("next", (byte) 2);
        TestServer first = server(Map.of("sallyport.master-key-file", old.toString()));
        first.admin().post("/access/identity_providers", """
                {"name":"Fake","type":"oidc","config":{"client_id":"a","client_secret":"b","issuer":"https://idp.example"}}""");
        first.admin().post("/cfd_tunnel", "{\"name\":\"branch\",\"config_src\":\"cloudflare\"}");
        String oldId = MasterKey.read(old).id();
        assertThat(under(first, oldId)).as("secrets under the old key").isNotEmpty();
        String keys = certs(first);
        first.stop();

        TestServer second = server(Map.of(
                "sallyport.master-key-file", next.toString(), "sallyport.former-master-key-files", old.toString()));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(under(second, oldId)).isEmpty());
        assertThat(certs(second)).isEqualTo(keys);
        second.stop();

        try (TestServer third = server(Map.of("sallyport.master-key-file", next.toString()))) {
            assertThat(certs(third)).as("the same signing keys").isEqualTo(keys);
            assertThat(under(third, MasterKey.read(next).id())).isNotEmpty();
        }
    }

    private TestServer server(Map<String, String> keys) {
        Map<String, String> settings = new HashMap<>(postgres.settings());
        settings.putAll(keys);
        return TestServer.start(files.resolve("data"), settings);
    }

    private Path key(String name, byte fill) throws IOException {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, fill);
        return Files.writeString(files.resolve(name), Base64.getEncoder().encodeToString(bytes));
    }

    private static String certs(TestServer server) {
        return RawHttp.exchange(server.port(), "GET /cdn-cgi/access/certs HTTP/1.1\r\nHost: auth.localhost\r\n\r\n")
                .text();
    }

    /** Columns of the whole database with an envelope under this master key, so that no table is forgotten. */
    private static List<String> under(TestServer server, String id) {
        JdbcClient jdbc = server.context().getBean(JdbcClient.class);
        byte[] begin = HexFormat.of().parseHex("01" + id);
        return jdbc
                .sql("select table_name || '.' || column_name from information_schema.columns"
                        + " where table_schema = 'public' and data_type = 'bytea'")
                .query(String.class)
                .list()
                .stream()
                .filter(column -> jdbc.sql("select count(*) from %s where substring(%s from 1 for 9) = :begin"
                                        .formatted(column.replaceAll("\\..*", ""), column))
                                .param("begin", begin)
                                .query(Long.class)
                                .single()
                        > 0)
                .toList();
    }
}
