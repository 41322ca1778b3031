package io.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The demo publishes its sample application through a tunnel of its own. */
class DemoIT {
    private static final String VISIT = " status=";

    @Test
    void theSampleApplicationIsReachedThroughTheTunnel(@TempDir Path data) throws Exception {
        Files.writeString(data.resolve("admin-token"), TestServer.ADMIN_TOKEN);
        PrintStream before = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (TestServer server =
                TestServer.start(data, Map.of("spring.profiles.active", "demo", "sallyport.demo.mailbox-port", "0"))) {
            wiki(server); // a first visitor
            await().until(() -> said.toString(StandardCharsets.UTF_8).contains(VISIT));
            assertThat(said.toString(StandardCharsets.UTF_8).split("Sallyport demo is ready", 2))
                    .as("greeted before anything of the access log")
                    .satisfies(halves -> assertThat(halves[0]).doesNotContain(VISIT))
                    .hasSize(2);
            System.setOut(before);

            assertThat(server.admin().get("/sallyport/origins")).isEmpty();
            JsonNode tunnel = server.admin().get("/cfd_tunnel?is_deleted=false").get(0);
            assertThat(tunnel.path("name").asString()).isEqualTo("sample-wiki");
            // What the tunnel's server writes down it writes beside serving.
            await().untilAsserted(() -> {
                JsonNode connectors =
                        server.admin().get("/cfd_tunnel/" + tunnel.path("id").asString() + "/connections");
                assertThat(connectors).hasSize(1);
                assertThat(connectors.get(0).path("conns")).isNotEmpty();
            });

            assertThat(wiki(server)).as("nobody is let in unasked").doesNotContain("Nobody vouches for you");
            JsonNode application = server.admin()
                    .get("/access/apps")
                    .valueStream()
                    .filter(app -> app.path("domain").asString("").equals(SampleConfiguration.HOST))
                    .findFirst()
                    .orElseThrow();
            server.admin().put("/access/apps/" + application.path("id").asString(), """
                    {"type": "self_hosted", "name": "Team wiki", "domain": "wiki.localhost",
                     "policies": [{"name": "all", "decision": "bypass", "include": [{"everyone": {}}]}]}""");
            // The site itself answers now, and finds no token in the request.
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(wiki(server)).contains("Nobody vouches for you"));
        } finally {
            System.setOut(before);
        }
    }

    @Test
    void whoStopsItIsNotToldOfTheConnectorsEnd(@TempDir Path data) throws Exception {
        Files.writeString(data.resolve("admin-token"), TestServer.ADMIN_TOKEN);
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try (TestServer server =
                TestServer.start(data, Map.of("spring.profiles.active", "demo", "sallyport.demo.mailbox-port", "0"))) {
            assertThat(server.port()).isPositive();
        } finally {
            System.setErr(err);
        }
        assertThat(said.toString(StandardCharsets.UTF_8)).doesNotContain("ERR");
    }

    private static String wiki(TestServer server) {
        String request = "GET / HTTP/1.1\r\nHost: " + SampleConfiguration.HOST + "\r\nConnection: close\r\n\r\n";
        return new String(RawHttp.exchange(server.port(), request).body(), StandardCharsets.UTF_8);
    }
}
