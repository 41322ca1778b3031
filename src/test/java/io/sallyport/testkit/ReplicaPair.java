package io.sallyport.testkit;

import static org.awaitility.Awaitility.await;

import io.sallyport.identity.TunnelId;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** Two replicas of one deployment: one database, one master key, event loops of their own. */
public final class ReplicaPair implements AutoCloseable {
    private final TestPostgres postgres = TestPostgres.migrated();
    private final Map<String, String> settings;
    private final Path files;
    private final TestServer near;
    private final TestServer far;

    /** A tunnel that is open to everybody at some host. */
    public record Tunnel(TunnelId id, byte[] secret) {}

    private ReplicaPair(Path files) {
        this.files = files;
        Path masterKey = files.resolve("master-key");
        KeptKeys.lend(postgres, masterKey);
        settings = new HashMap<>(postgres.settings());
        settings.put("sallyport.master-key-file", masterKey.toString());
        near = server("near", Map.of());
        KeptKeys.keep(postgres.jdbc());
        far = server("far", Map.of());
    }

    /** Starts both. */
    public static ReplicaPair start(Path files) {
        return new ReplicaPair(files);
    }

    /** One more. */
    public TestServer server(String name, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(more);
        return TestServer.start(files.resolve(name), all);
    }

    /** The one that visitors come to. */
    public TestServer near() {
        return near;
    }

    /** The one that connectors dial. */
    public TestServer far() {
        return far;
    }

    /** The shared database. */
    public TestPostgres postgres() {
        return postgres;
    }

    /** Makes a tunnel, leads a host into it, lets everybody in, and waits until the visitors' replica knows. */
    public Tunnel tunnel(String host) {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        AdminClient admin = near.admin();
        String id = admin.post(
                        "/cfd_tunnel",
                        "{\"name\":\"%s\",\"config_src\":\"cloudflare\",\"tunnel_secret\":\"%s\"}"
                                .formatted(host, Base64.getEncoder().encodeToString(secret)))
                .get("id")
                .asString();
        admin.put("/cfd_tunnel/" + id + "/configurations", """
                {"config":{"ingress":[{"hostname":"%s","service":"http://127.0.0.1:1"},{"service":"http_status:404"}]}}
                """.formatted(host));
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"%s","domain":"%s",
                 "policies":[{"name":"all","decision":"bypass","include":[{"everyone":{}}]}]}""".formatted(host, host));
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> RawHttp.exchange(
                                        near.port(),
                                        "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                                .status()
                        == 530);
        return new Tunnel(TunnelId.of(id), secret);
    }

    @Override
    public void close() {
        near.close();
        far.close();
        postgres.close();
    }
}
