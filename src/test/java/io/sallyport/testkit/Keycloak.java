package io.sallyport.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A real Keycloak, from the distribution that the build unpacks under {@code target/keycloak}, with the realm of {@code
 * src/test/resources/keycloak}: client {@code sallyport}, alice in {@code engineering}, bob in {@code guests}.
 */
public final class Keycloak implements AutoCloseable {
    /** The secret of the client {@code sallyport}. */
    public static final String CLIENT_SECRET = "keycloak-client-secret-for-tests";

    private static final Path TARGET = Path.of("target", "keycloak").toAbsolutePath();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Process process;
    private final int port;
    private final FileChannel turn;

    private Keycloak(Process process, int port, FileChannel turn) {
        this.process = process;
        this.port = port;
        this.turn = turn;
    }

    /**
     * Starts one on a free loopback port and waits until it answers; the very first start builds it and takes a minute. One at a
     * time: a second test JVM waits for the first one's to end, because both keep their data in the one distribution.
     */
    @SuppressWarnings("resource") // the lock lives until the process is gone
    public static Keycloak start() {
        try {
            Path home = home();
            FileChannel turn =
                    FileChannel.open(TARGET.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            turn.lock();
            FileSystemUtils.deleteRecursively(home.resolve("data").resolve("h2"));
            Path imports = Files.createDirectories(home.resolve("data").resolve("import"));
            try (var realm = Keycloak.class.getResourceAsStream("/keycloak/sallyport-realm.json")) {
                Files.copy(realm, imports.resolve("staff-realm.json"), StandardCopyOption.REPLACE_EXISTING);
            }
            // What it calls by name is here; not every C library knows names below localhost.
            Path hosts = Files.writeString(TARGET.resolve("hosts"), "127.0.0.1 localhost auth.localhost\n");
            int port = freePort();
            ProcessBuilder builder = new ProcessBuilder(
                    home.resolve("bin").resolve("kc.sh").toString(),
                    "start-dev",
                    "--http-host=127.0.0.1",
                    "--http-port=" + port,
                    "--import-realm");
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            // It lives for a minute: the second compiler, a concurrent collector and a heap that grows by and by would
            // only take
            // processors from the tests.
            builder.environment().put("JAVA_OPTS_KC_HEAP", "-Xms384m -Xmx384m -Xmn160m");
            builder.environment()
                    .put(
                            "JAVA_OPTS_APPEND",
                            "-XX:TieredStopAtLevel=1 -XX:-UseG1GC -XX:+UseSerialGC -Djdk.net.hosts.file=" + hosts);
            builder.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
            builder.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", "admin-password");
            builder.redirectErrorStream(true)
                    .redirectOutput(TARGET.resolve("keycloak.log").toFile());
            Keycloak keycloak = new Keycloak(builder.start(), port, turn);
            await("Keycloak to answer; see target/keycloak/keycloak.log")
                    .atMost(Duration.ofMinutes(4))
                    .pollInterval(Duration.ofMillis(500))
                    .ignoreExceptions()
                    .until(() -> !keycloak.process.isAlive()
                            || keycloak.get(keycloak.issuer() + "/.well-known/openid-configuration", "")
                                            .statusCode()
                                    == 200);
            if (!keycloak.process.isAlive()) {
                throw new AssertionError("Keycloak ended; see target/keycloak/keycloak.log");
            }
            return keycloak;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The realm's issuer. */
    public String issuer() {
        return "http://127.0.0.1:" + port + "/realms/staff";
    }

    /** Where the realm publishes its SAML metadata. */
    public String samlMetadata() {
        return issuer() + "/protocol/saml/descriptor";
    }

    /**
     * Introduces a service provider: signed response and assertion, e-mail and groups as attributes.
     *
     * @param entityId the provider's entity id and address for responses
     * @param encryption PEM certificate to encrypt assertions for by AES-256-GCM; null for none
     * @param signing PEM certificate that requests are verified with
     */
    public void addSamlClient(String entityId, String encryption, String signing) {
        String client = JSON.writeValueAsString(Map.of(
                "clientId",
                entityId,
                "protocol",
                "saml",
                "enabled",
                true,
                "frontchannelLogout",
                true,
                "redirectUris",
                List.of(entityId),
                "attributes",
                Map.ofEntries(
                        Map.entry("saml.assertion.signature", "true"),
                        Map.entry("saml.server.signature", "true"),
                        Map.entry("saml.client.signature", "true"),
                        Map.entry("saml.signing.certificate", bare(signing)),
                        Map.entry("saml.signature.algorithm", "RSA_SHA256"),
                        Map.entry("saml.force.post.binding", "true"),
                        Map.entry("saml.authnstatement", "true"),
                        Map.entry("saml_name_id_format", "email"),
                        Map.entry("saml_force_name_id_format", "true"),
                        Map.entry("saml.encrypt", String.valueOf(encryption != null)),
                        Map.entry("saml.encryption.algorithm", "http://www.w3.org/2009/xmlenc11#aes256-gcm"),
                        Map.entry("saml.encryption.keyAlgorithm", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"),
                        Map.entry("saml.encryption.certificate", encryption == null ? "" : bare(encryption)),
                        Map.entry("saml_assertion_consumer_url_post", entityId)),
                "protocolMappers",
                List.of(
                        Map.of(
                                "name", "email",
                                "protocol", "saml",
                                "protocolMapper", "saml-user-property-mapper",
                                "config",
                                        Map.of(
                                                "user.attribute", "email",
                                                "attribute.name", "email",
                                                "attribute.nameformat", "Basic")),
                        Map.of(
                                "name", "groups",
                                "protocol", "saml",
                                "protocolMapper", "saml-group-membership-mapper",
                                "config",
                                        Map.of(
                                                "attribute.name", "groups",
                                                "attribute.nameformat", "Basic",
                                                "single", "true",
                                                "full.path", "false")))));
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/admin/realms/staff/clients"))
                        .header("Authorization", "Bearer " + adminToken())
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(client)));
        if (answer.statusCode() != 201) {
            throw new AssertionError("the SAML client answered " + answer.statusCode() + " " + answer.body());
        }
    }

    private static String bare(String pem) {
        return pem.replaceAll("-----(BEGIN|END) CERTIFICATE-----", "").replaceAll("\\s+", "");
    }

    /** Has it say at that address whose sessions ended, which one by one. */
    public void tellLogoutsTo(String url) {
        String token = adminToken();
        String clients = "http://127.0.0.1:" + port + "/admin/realms/staff/clients";
        ObjectNode client =
                (ObjectNode) json(get(clients + "?clientId=sallyport", token)).get(0);
        client.withObjectProperty("attributes")
                .put("backchannel.logout.url", url)
                .put("backchannel.logout.session.required", "true");
        HttpResponse<String> answer = send(HttpRequest.newBuilder(
                        URI.create(clients + "/" + client.get("id").asString()))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(client.toString())));
        if (answer.statusCode() != 204) {
            throw new AssertionError("the client answered " + answer.statusCode() + " " + answer.body());
        }
    }

    /** Ends all of somebody's sessions, as an administrator of the realm does. */
    public void endSessionsOf(String user) {
        String token = adminToken();
        String users = "http://127.0.0.1:" + port + "/admin/realms/staff/users";
        String id = json(get(users + "?exact=true&username=" + user, token))
                .get(0)
                .get("id")
                .asString();
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(users + "/" + id + "/logout"))
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.noBody()));
        if (answer.statusCode() != 204) {
            throw new AssertionError("the logout answered " + answer.statusCode() + " " + answer.body());
        }
    }

    /** Gives the realm a new signing key of higher priority, as an operator rotating keys would. */
    public void rotateSigningKey() {
        String token = adminToken();
        String realm = "http://127.0.0.1:" + port + "/admin/realms/staff";
        JsonNode id = json(get(realm, token)).get("id");
        String provider = """
                {"name": "rsa-rotated", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
                 "parentId": %s, "config": {"priority": ["1000"], "enabled": ["true"], "active": ["true"], "keySize": ["2048"]}}
                """.formatted(id);
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(realm + "/components"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(provider)));
        if (answer.statusCode() != 201) {
            throw new AssertionError("key rotation answered " + answer.statusCode() + " " + answer.body());
        }
    }

    private String adminToken() {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/realms/master/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "grant_type=password&client_id=admin-cli&username=admin&password=admin-password")));
        return json(answer).get("access_token").asString();
    }

    private HttpResponse<String> get(String url, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).GET();
        return send(token.isEmpty() ? request : request.header("Authorization", "Bearer " + token));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return CLIENT.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    private static Path home() throws IOException {
        if (!Files.isDirectory(TARGET)) {
            throw new AssertionError("no Keycloak under target/keycloak; run ./mvnw pre-integration-test first");
        }
        try (Stream<Path> entries = Files.list(TARGET)) {
            return entries.filter(Files::isDirectory)
                    .filter(each -> each.getFileName().toString().startsWith("keycloak-"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no Keycloak under target/keycloak"));
        }
    }

    /** None of those that the system gives to whoever asks for any: until it listens there, other tests ask for hundreds. */
    private static int freePort() {
        return new Random()
                .ints(20_000, 30_000)
                .filter(Keycloak::isFree)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            all.forEach(ProcessHandle::destroyForcibly);
        } finally {
            try {
                turn.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
