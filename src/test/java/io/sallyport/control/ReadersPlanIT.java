package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.AdminClient.Answer;
import io.sallyport.testkit.SamlIdp;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Plans are worked out by making the change, and whoever may read may ask for one. On a server of its own, which lets our calls go to
 * loopback: nothing but the token keeps a reader from using the gateway as their eyes in its network.
 */
class ReadersPlanIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String SECRET = "s3cret-of-okta";
    private static final SamlIdp IDP = SamlIdp.rsa();
    private static final AtomicInteger FETCHES = new AtomicInteger();

    private static HttpServer inside;
    private static TestServer server;
    private static AdminClient owner;
    private static AdminClient reader;

    @BeforeAll
    static void start() throws IOException {
        inside = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        inside.createContext("/", exchange -> {
            FETCHES.incrementAndGet();
            byte[] body = IDP.metadata("https://inside.example.com/sso").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        inside.start();
        server = TestServer.start(Map.of());
        owner = server.admin();
        reader = as("\"role\": \"auditor\"");
        owner.post("/sallyport/apply", """
                {"sallyport": 1, "identity_providers": [
                  {"name": "Okta", "type": "okta",
                   "config": {"client_id": "abc", "client_secret": "%s", "okta_account": "https://example.okta.com"}},
                  {"name": "Corporate", "type": "saml", "config": {"metadata_url": "%s/corporate"}}]}""".formatted(SECRET, address()));
    }

    @AfterAll
    static void stop() {
        server.close();
        inside.stop(0);
    }

    @BeforeEach
    void forget() {
        FETCHES.set(0);
    }

    private static String address() {
        return "http://127.0.0.1:" + inside.getAddress().getPort();
    }

    private static AdminClient as(String permissions) {
        String token = owner.post("/sallyport/tokens", "{\"name\": \"planner\", %s}".formatted(permissions))
                .get("token")
                .asString();
        return new AdminClient("http://127.0.0.1:" + server.port(), token);
    }

    private static ObjectNode file() {
        return (ObjectNode) owner.get("/sallyport/export");
    }

    private static ObjectNode provider(ObjectNode file, String name) {
        return (ObjectNode) file.get("identity_providers")
                .valueStream()
                .filter(each -> each.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ObjectNode config(ObjectNode file, String name) {
        return (ObjectNode) provider(file, name).get("config");
    }

    private static Answer diff(AdminClient who, ObjectNode file) {
        return who.call("POST", "/sallyport/diff", file.toString());
    }

    private static Answer replay(AdminClient who, ObjectNode file) {
        ObjectNode body = JSON.createObjectNode();
        body.set("configuration", file);
        return who.call("POST", "/sallyport/replay", body.toString());
    }

    private static List<String> leftOpen(Answer plan) {
        return plan.result()
                .get("left_open")
                .valueStream()
                .map(each ->
                        each.get("name").asString() + " " + each.get("path").asString())
                .toList();
    }

    @Test
    @DisplayName(
            "OI-08: a plan by who may only read fetches nothing, for new providers, changed ones, and other addresses")
    void oi08_aReadersPlanFetchesNothing() {
        ObjectNode renewed = file();
        config(renewed, "Corporate").put("allow_idp_initiated", true);
        ObjectNode moved = file();
        config(moved, "Corporate").put("metadata_url", address() + "/elsewhere");
        ObjectNode added = file();
        added.withArray("identity_providers")
                .add(provider(file(), "Corporate").deepCopy().put("name", "Another"));

        List<Answer> answers = new ArrayList<>();
        for (ObjectNode file : List.of(renewed, moved, added)) {
            answers.add(diff(reader, file));
            assertThat(replay(reader, file).status()).isEqualTo(200);
        }

        assertThat(FETCHES).hasValue(0);
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.status())
                        .as(answer.envelope().toString())
                        .isEqualTo(200));
        assertThat(answers.get(0).result().at("/changed/0/fields"))
                .as("all that the file says is compared")
                .singleElement()
                .satisfies(field -> assertThat(field.get("path").asString()).isEqualTo("/config/allow_idp_initiated"));
        assertThat(answers.get(1).result().at("/changed/0/fields"))
                .singleElement()
                .satisfies(field -> assertThat(field.get("path").asString()).isEqualTo("/config/metadata_url"));
        assertThat(answers.get(2).result().at("/created/0/name").asString()).isEqualTo("Another");
        assertThat(leftOpen(answers.get(0))).containsExactly("Corporate /config/metadata_url");
        assertThat(leftOpen(answers.get(1))).containsExactly("Corporate /config/metadata_url");
        assertThat(leftOpen(answers.get(2))).containsExactly("Another /config/metadata_url");

        assertThat(diff(owner, moved).status()).isEqualTo(200);
        assertThat(FETCHES).as("who may write has it read").hasValue(1);
        assertThat(leftOpen(diff(owner, moved))).isEmpty();
    }

    @Test
    @DisplayName("OI-08: what a reader is told does not depend on whether anything answers at the address")
    void oi08_aReadersPlanTellsNoPortFromAnother() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        List<Answer> answers = new ArrayList<>();
        for (String place :
                List.of(address() + "/x", "http://127.0.0.1:" + closed + "/x", "http://169.254.169.254/x")) {
            ObjectNode file = file();
            file.withArray("identity_providers")
                    .addObject()
                    .put("name", "Probe")
                    .put("type", "saml")
                    .putObject("config")
                    .put("metadata_url", place);
            answers.add(diff(reader, file));
        }

        assertThat(FETCHES).hasValue(0);
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.envelope().at("/errors/0/source/pointer").asString())
                    .isEqualTo("/identity_providers/2/config/metadata_url");
            assertThat(answer.envelope().at("/errors/0/message").asString()).contains("may not write");
        });
        assertThat(answers.stream()
                        .map(answer -> answer.envelope().get("errors").toString())
                        .distinct())
                .hasSize(1);
    }

    @Test
    @DisplayName("AD-05: a plan does not tell who may only read whether a secret in the file is the stored one")
    void ad05_aReaderCannotTryGuessesOfASecret() {
        ObjectNode right = file();
        config(right, "Okta").put("client_secret", SECRET);
        ObjectNode wrong = file();
        config(wrong, "Okta").put("client_secret", "a guess");

        assertThat(diff(reader, wrong).result()).isEqualTo(diff(reader, right).result());
        assertThat(leftOpen(diff(reader, right))).containsExactly("Okta /config/client_secret");
        assertThat(without(replay(reader, wrong))).isEqualTo(without(replay(reader, right)));

        ((ObjectNode) provider(right, "Okta")).put("name", "Okta, renamed").put("id", id("Okta"));
        ((ObjectNode) provider(wrong, "Okta")).put("name", "Okta, renamed").put("id", id("Okta"));
        assertThat(diff(reader, wrong).result())
                .as("nor beside another change")
                .isEqualTo(diff(reader, right).result());
        assertThat(diff(reader, right).result().at("/changed/0/fields").toString())
                .contains("/name")
                .doesNotContain("[secret]");
    }

    @Test
    @DisplayName("DO-04: a file of who may only read is refused when it is huge, and not when a writer sends it")
    void do04AHugeFileOfAReaderIsRefusedAndSaysWhy() {
        String huge = " ".repeat(ConfigDocument.MAX_BYTES_TO_PLAN) + "{\"sallyport\": 1}";
        for (String path : List.of("/sallyport/diff", "/sallyport/replay")) {
            Answer refused = reader.call("POST", path, huge);
            assertThat(refused.status()).as(path).isEqualTo(413);
            assertThat(refused.envelope().at("/errors/0/message").asString())
                    .contains("larger than 8 MiB", "may not write the configuration");
        }
        assertThat(owner.call("POST", "/sallyport/diff", huge).status()).isEqualTo(200);
        assertThat(diff(reader, file()).status()).isEqualTo(200);
    }

    private static JsonNode without(Answer replay) {
        return ((ObjectNode) replay.result().deepCopy()).without("took_ms");
    }

    private static String id(String name) {
        return owner.get("/access/identity_providers")
                .valueStream()
                .filter(each -> each.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow()
                .get("id")
                .asString();
    }

    @Test
    @DisplayName("AD-05: who may write providers, alone or in the file, sees whether a plan replaces a secret")
    void whoMayWriteASecretSeesWhetherItIsReplaced() {
        ObjectNode right = file();
        config(right, "Okta").put("client_secret", SECRET);
        ObjectNode wrong = file();
        config(wrong, "Okta").put("client_secret", "another");
        for (AdminClient writer : List.of(
                owner,
                as("\"role\": \"editor\", \"scopes\": {\"configuration\": \"write\"}"),
                as(
                        "\"role\": \"editor\", \"scopes\": {\"configuration\": \"read\", \"identity_providers\": \"write\"}"))) {
            assertThat(diff(writer, right).result().get("changed")).isEmpty();
            assertThat(diff(writer, wrong)
                            .result()
                            .at("/changed/0/fields/0/path")
                            .asString())
                    .isEqualTo("/config/client_secret");
            assertThat(leftOpen(diff(writer, wrong))).isEmpty();
        }
        AdminClient other =
                as("\"role\": \"owner\", \"scopes\": {\"configuration\": \"read\", \"policies\": \"write\"}");
        assertThat(diff(other, wrong).result()).isEqualTo(diff(other, right).result());
    }
}
