package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.ReplicaPair;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnectorHttp2;
import io.sallyport.testkit.TestConnectorQuic;
import io.sallyport.testkit.TestServer;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementKey;
import io.sallyport.token.ManagementResource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A request for one connector, and the lists of connectors, whichever replica holds its connections and whichever is asked. */
class NamedConnectorIT {
    private static final String MANAGEMENT = "management.argotunnel.com";
    private static final Duration LONG = Duration.ofSeconds(60);

    private static ReplicaPair pair;
    private static ReplicaPair.Tunnel tunnel;
    private static final Map<UUID, TestConnector> CONNECTORS = new LinkedHashMap<>();

    @BeforeAll
    static void start(@TempDir Path files) {
        pair = ReplicaPair.start(files);
        tunnel = pair.tunnel("named.localhost");
        for (TestServer each : new TestServer[] {pair.near(), pair.far(), pair.far()}) {
            TestConnector.Claim claim = new TestConnector.Claim(
                    pair.near().admin().account(), tunnel.id().value(), tunnel.secret(), UUID.randomUUID(), 0);
            int port = each.context().getBean(TunnelServer.class).port();
            TestConnector connector =
                    CONNECTORS.size() == 1 ? TestConnectorQuic.dial(port, claim) : TestConnectorHttp2.dial(port, claim);
            connector
                    .registered()
                    .answering(request -> request.answer(200, claim.client().toString()));
            CONNECTORS.put(claim.client(), connector);
        }
    }

    @AfterAll
    static void stop() {
        CONNECTORS.values().forEach(TestConnector::close);
        pair.close();
    }

    private static RawHttp.Response ping(TestServer at, UUID connector) {
        Instant now = InstantSource.system().instant();
        String token = pair.near()
                .context()
                .getBean(ManagementKey.class)
                .sign(new ManagementClaims(
                        tunnel.id().toString(),
                        pair.near().admin().account(),
                        "ada",
                        MANAGEMENT,
                        Set.of(ManagementResource.LOGS),
                        now.minusSeconds(5),
                        now.plusSeconds(600)));
        return RawHttp.exchange(
                at.port(),
                "GET /ping?access_token=" + token + "&connector_id=" + connector + " HTTP/1.1\r\nHost: " + MANAGEMENT
                        + "\r\nConnection: close\r\n\r\n");
    }

    @Test
    void theConnectorThatIsNamedAnswersAtEveryReplicaAndNoOtherDoes() {
        for (TestServer each : new TestServer[] {pair.near(), pair.far()}) {
            for (UUID connector : CONNECTORS.keySet()) {
                await().atMost(LONG).until(() -> ping(each, connector).status() == 200);
                for (int i = 0; i < 5; i++) {
                    assertThat(ping(each, connector).text()).isEqualTo(connector.toString());
                }
            }
            long sent = each.context().getBean(Replicas.class).sent();
            assertThat(ping(each, UUID.randomUUID()).status()).isEqualTo(530);
            assertThat(each.context().getBean(Replicas.class).sent())
                    .as("nobody is asked who is known not to have it")
                    .isEqualTo(sent);
        }
    }

    @Test
    void everyReplicaListsTheConnectorsOfAll() {
        for (TestServer each : new TestServer[] {pair.near(), pair.far()}) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(each.admin()
                                    .get("/cfd_tunnel/" + tunnel.id() + "/connections")
                                    .valueStream())
                            .extracting(one -> UUID.fromString(one.path("id").asString()))
                            .containsExactlyInAnyOrderElementsOf(CONNECTORS.keySet()));
            for (UUID connector : CONNECTORS.keySet()) {
                JsonNode one = each.admin().get("/cfd_tunnel/" + tunnel.id() + "/connectors/" + connector);
                assertThat(one.path("conns").size()).isEqualTo(1);
            }
        }
    }
}
