package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.http.HostName;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.TunnelGrant;
import io.sallyport.snapshot.Upstream;
import io.sallyport.testkit.BusyMachine;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementKey;
import io.sallyport.token.ManagementResource;
import io.sallyport.tunnel.Registration;
import io.sallyport.tunnel.TunnelLedger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tunnels through the API as cloudflared, the SDKs and Terraform use it. */
class TunnelsIT {
    private static final String SECRET = Base64.getEncoder().encodeToString(new byte[32]);
    private static final String FULL = """
            {"ingress": [
              {"service": "https://10.0.0.5:8443", "path": "^/(?P<what>api|img)/[0-9]+$", "hostname": "%1$s",
               "originRequest": {"noTLSVerify": false, "httpHostHeader": "wiki.internal", "connectTimeout": 30,
                 "access": {"required": true, "teamName": "acme", "audTag": ["a", "b"]},
                 "ipRules": [{"prefix": "10.0.0.0/8", "ports": [80, 443], "allow": true}],
                 "tlsTimeout": 10, "tcpKeepAlive": 30, "keepAliveTimeout": 90, "keepAliveConnections": 100,
                 "noHappyEyeballs": true, "disableChunkedEncoding": false, "http2Origin": true, "matchSNItoHost": true,
                 "originServerName": "x", "caPool": "/ca.pem", "proxyType": "socks", "proxyAddress": "127.0.0.1",
                 "proxyPort": 1080, "bastionMode": false, "aKeyOfTomorrow": {"kept": [1, 2.50]}}},
              {"hostname": "%1$s", "service": "unix:/run/wiki.sock"},
              {"hostname": "*.%1$s", "service": "ssh://localhost:22"},
              {"service": "http_status:404", "hostname": "", "path": "", "originRequest": {}}],
             "warp-routing": {"enabled": false}, "originRequest": {"noTLSVerify": true}}""";

    private static ObjectNode create(String name) {
        return Api.create("/cfd_tunnel", "{\"name\": \"" + name + "\", \"tunnel_secret\": \"" + SECRET + "\"}")
                .object();
    }

    private static String tunnel() {
        return create(Api.unique("tunnel")).path("id").asString();
    }

    private static Api.Answer configure(String tunnel, String config) {
        return Api.call("PUT", "/cfd_tunnel/" + tunnel + "/configurations", "{\"config\": " + config + "}");
    }

    private static Snapshot snapshot() {
        return Objects.requireNonNull(
                Api.server().context().getBean(SnapshotHolder.class).current());
    }

    private static Registration connect(String tunnel, UUID client, int index) {
        Registration connection = new Registration(
                UUID.randomUUID(),
                TunnelId.of(tunnel),
                client,
                index,
                "http2",
                "192.0.2.9",
                "2026.8.2",
                "linux_amd64",
                List.of("serialized_headers"),
                Instant.parse("2026-11-27T10:00:00Z"));
        assertThat(Api.server().context().getBean(TunnelLedger.class).registered(connection))
                .isTrue();
        return connection;
    }

    @Test
    void aNewTunnelHasTheShapeClientsExpectAndShowsItsSecretInTokenAndCredentials() {
        String name = Api.unique("branch");
        Api.Answer answer =
                Api.create("/cfd_tunnel", "{\"name\": \"" + name + "\", \"tunnel_secret\": \"" + SECRET + "\"}");
        ObjectNode created = answer.object();
        String token =
                new String(Base64.getDecoder().decode(created.path("token").asString()), StandardCharsets.US_ASCII);
        assertThat(token)
                .isEqualTo("{\"a\":\"%s\",\"t\":\"%s\",\"s\":\"%s\"}"
                        .formatted(Api.account(), created.path("id").asString(), SECRET));
        assertThat(created.path("credentials_file").path("TunnelSecret").asString())
                .isEqualTo(SECRET);
        assertThat(answer.header("cache-control")).isEqualTo("no-store");

        Api.Answer read = Api.get("/cfd_tunnel/" + answer.id());
        ObjectNode expected = created.deepCopy();
        expected.remove(List.of("token", "credentials_file"));
        assertThat(read.object()).isEqualTo(expected);
        assertThat(read.envelope().toString()).doesNotContain(SECRET);
        assertThat(read.object().toString())
                .contains("\"deleted_at\":null", "\"conns_active_at\":null", "\"connections\":[]")
                .contains("\"tun_type\":\"cfd_tunnel\"", "\"status\":\"inactive\"", "\"config_src\":\"local\"");
        assertThat(Api.get("/cfd_tunnel/" + answer.id() + "/token").result().asString())
                .isEqualTo(created.path("token").asString());
        assertThat(Api.get("/sallyport/audit?per_page=1000").envelope().toString())
                .doesNotContain(SECRET)
                .doesNotContain(created.path("token").asString());
    }

    @Test
    void namesAreUniqueAmongTheLivingAndFreeAfterDeletion() {
        String name = Api.unique("once");
        String id = create(name).path("id").asString();
        Api.Answer second = Api.call("POST", "/cfd_tunnel", "{\"name\": \"" + name + "\"}");
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.error().path("code").asInt()).isEqualTo(1013);
        assertThat(second.header("x-should-retry")).isEqualTo("false");
        assertThat(second.header("content-type")).isEqualTo("application/json");

        ObjectNode deleted = Api.must("DELETE", "/cfd_tunnel/" + id, "{}").object();
        assertThat(deleted.path("deleted_at").isString()).isTrue();
        assertThat(Api.get("/cfd_tunnel/" + id).object()).isEqualTo(deleted);
        for (String path : List.of("/token")) {
            assertThat(Api.get("/cfd_tunnel/" + id + path).status()).isEqualTo(404);
        }
        assertThat(Api.call("DELETE", "/cfd_tunnel/" + id, null).status()).isEqualTo(404);
        assertThat(Api.call("PATCH", "/cfd_tunnel/" + id, "{\"name\": \"x\"}").status())
                .isEqualTo(404);
        assertThat(create(name).path("id").asString()).isNotEqualTo(id);
    }

    @Test
    void writingBackWhatWasReadChangesNothing() {
        String id = tunnel();
        ObjectNode first = Api.get("/cfd_tunnel/" + id).object();
        assertThat(Api.must("PATCH", "/cfd_tunnel/" + id, first.toString()).object())
                .isEqualTo(first);
        Api.must("PATCH", "/cfd_tunnel/" + id, "{\"name\": \"" + Api.unique("renamed") + "\"}");
        assertThat(Api.get("/cfd_tunnel/" + id + "/token").status()).isEqualTo(200);
    }

    @Test
    void listsFilterAsCloudflaredAsks() {
        String stem = Api.unique("listed");
        String a = create(stem + "-a").path("id").asString();
        String b = create(stem + "-b").path("id").asString();
        String gone = create(stem + "-gone").path("id").asString();
        Api.must("DELETE", "/cfd_tunnel/" + gone, null);
        String prefix = "?per_page=100&name_prefix=" + stem;
        assertThat(ids("/cfd_tunnel" + prefix)).containsExactly(a, b, gone);
        assertThat(ids("/cfd_tunnel?include_prefix=" + stem + "&is_deleted=false&exclude_prefix=" + stem + "-b"))
                .containsExactly(a);
        assertThat(ids("/cfd_tunnel?is_deleted=true&include_prefix=" + stem)).containsExactly(gone);
        assertThat(ids("/cfd_tunnel?is_deleted=false&name=" + stem + "-a")).containsExactly(a);
        assertThat(ids("/cfd_tunnel?uuid=" + b)).containsExactly(b);
        assertThat(ids("/cfd_tunnel" + prefix + "&existed_at=2020-01-01T00:00:00Z"))
                .isEmpty();
        assertThat(ids("/cfd_tunnel" + prefix + "&existed_at=2999-01-01T00:00:00Z"))
                .containsExactly(a, b);
        assertThat(ids("/cfd_tunnel" + prefix + "&status=inactive")).containsExactly(a, b, gone);
        assertThat(ids("/cfd_tunnel" + prefix + "&status=healthy")).isEmpty();
        assertThat(ids("/tunnels" + prefix + "&tun_types=warp_connector&tun_types=cfd_tunnel"))
                .containsExactly(a, b, gone);
        assertThat(ids("/tunnels" + prefix + "&tun_types=warp_connector")).isEmpty();
        assertThat(ids("/cfd_tunnel" + prefix + "&page=2")).isEmpty();
        assertThat(Api.get("/cfd_tunnel" + prefix)
                        .envelope()
                        .path("result_info")
                        .path("total_count")
                        .asInt())
                .isEqualTo(3);
        assertThat(Api.get("/cfd_tunnel?status=brisk").status()).isEqualTo(400);
        assertThat(Api.get("/cfd_tunnel/").status()).isEqualTo(404);
    }

    private static List<String> ids(String path) {
        return StreamSupport.stream(Api.get(path).result().spliterator(), false)
                .map(each -> each.path("id").asString())
                .toList();
    }

    @Test
    void theStatusFollowsTheConnections() {
        String id = tunnel();
        UUID client = UUID.randomUUID();
        TunnelLedger ledger = Api.server().context().getBean(TunnelLedger.class);
        Registration first = connect(id, client, 0);
        Registration second = connect(id, client, 1);
        JsonNode healthy = Api.get("/cfd_tunnel/" + id).result();
        assertThat(healthy.path("status").asString()).isEqualTo("healthy");
        assertThat(healthy.path("conns_active_at").asString()).isEqualTo("2026-11-27T10:00:00Z");
        assertThat(healthy.path("connections").path(0).toString())
                .isEqualTo(("{\"id\":\"%1$s\",\"uuid\":\"%1$s\",\"client_id\":\"%2$s\",\"client_version\":\"2026.8.2\","
                                + "\"colo_name\":\"sallyport\",\"is_pending_reconnect\":false,\"origin_ip\":\"192.0.2.9\","
                                + "\"opened_at\":\"2026-11-27T10:00:00Z\"}")
                        .formatted(
                                healthy.path("connections").path(0).path("id").asString(), client));

        JsonNode connector =
                Api.get("/cfd_tunnel/" + id + "/connections").result().path(0);
        assertThat(connector.path("id").asString()).isEqualTo(client.toString());
        assertThat(connector.path("conns").size()).isEqualTo(2);
        assertThat(connector.path("features").path(0).asString()).isEqualTo("serialized_headers");
        assertThat(Api.get("/cfd_tunnel/" + id + "/connectors/" + client).result())
                .isEqualTo(connector);
        assertThat(Api.get("/cfd_tunnel/" + id + "/connectors/" + UUID.randomUUID())
                        .status())
                .isEqualTo(404);

        ledger.closed(second.id(), "connection reset", carried(7));
        assertThat(Api.get("/cfd_tunnel/" + id).result().path("status").asString())
                .isEqualTo("degraded");
        ledger.closed(first.id(), "unregistered", carried(3));
        JsonNode down = Api.get("/cfd_tunnel/" + id).result();
        assertThat(down.path("status").asString()).isEqualTo("down");
        assertThat(down.path("conns_inactive_at").isString()).isTrue();
        assertThat(Api.get("/sallyport/tunnels/" + id + "/activity")
                        .result()
                        .path("disconnects")
                        .valueStream()
                        .map(each -> each.path("reason").asString()))
                .containsExactly("unregistered", "connection reset");
    }

    private static TunnelLedger.Traffic carried(long requests) {
        return new TunnelLedger.Traffic(requests, 10, 20, null, null);
    }

    @Test
    void theActivityOfATunnelShowsHowItsConnectionsFareAndWhatThoseThatEndedHadCarried() {
        String id = tunnel();
        TunnelLedger ledger = Api.server().context().getBean(TunnelLedger.class);
        UUID client = UUID.randomUUID();
        Registration live = connect(id, client, 0);
        Registration gone = connect(id, client, 1);
        TunnelLedger.LastError error =
                new TunnelLedger.LastError(Instant.parse("2026-11-27T10:05:00Z"), "the connector got no answer");
        ledger.heartbeat(Map.of(
                live.id(), new TunnelLedger.Traffic(3, 40, 500, Duration.ofMillis(7), error), gone.id(), carried(1)));
        ledger.closed(gone.id(), "no answer to pings", new TunnelLedger.Traffic(5, 60, 70, null, error));

        JsonNode activity = Api.get("/sallyport/tunnels/" + id + "/activity").result();
        assertThat(activity.path("connectors").size()).isOne();
        assertThat(activity.path("connectors").path(0).path("conns").size()).isOne();
        assertThat(activity.path("connectors").path(0).path("conns").path(0).toString())
                .contains("\"protocol\":\"http2\",\"conn_index\":0,\"rtt_ms\":7.0,\"requests\":3")
                .contains("\"bytes_in\":40,\"bytes_out\":500,\"last_error\":\"the connector got no answer\"")
                .contains("\"last_error_at\":\"2026-11-27T10:05:00Z\"");
        assertThat(activity.path("disconnects").size()).isOne();
        assertThat(activity.path("disconnects").path(0).toString())
                .contains("\"conn_index\":1", "\"reason\":\"no answer to pings\",\"requests\":5")
                .contains("\"bytes_in\":60,\"bytes_out\":70,\"last_error\":\"the connector got no answer\"");
    }

    @Test
    @DisplayName("TU-03: deleting connections strikes them out, of one connector or of all, and their holder learns it")
    void tu03DeletingConnectionsDropsThem() {
        String id = tunnel();
        TunnelLedger ledger = Api.server().context().getBean(TunnelLedger.class);
        UUID client = UUID.randomUUID();
        Registration one = connect(id, client, 0);
        Registration other = connect(id, UUID.randomUUID(), 0);
        Api.must("DELETE", "/cfd_tunnel/" + id + "/connections?client_id=" + client, null);
        assertThat(ledger.heartbeat(Map.of()).noted()).contains(other.id()).doesNotContain(one.id());
        Api.must("DELETE", "/cfd_tunnel/" + id + "/connections", null);
        assertThat(ledger.heartbeat(Map.of()).noted()).doesNotContain(other.id());
        assertThat(Api.call("DELETE", "/cfd_tunnel/" + id + "/connections?client_id=x", null)
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aTunnelInUseIsDeletedOnlyWithItsConnections() {
        String id = tunnel();
        connect(id, UUID.randomUUID(), 0);
        Api.Answer refused = Api.call("DELETE", "/cfd_tunnel/" + id, null);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("code").asInt()).isEqualTo(1003);
        JsonNode deleted =
                Api.must("DELETE", "/cfd_tunnel/" + id + "?cascade=true", null).result();
        assertThat(deleted.path("connections").isEmpty()).isTrue();
        assertThat(deleted.path("status").asString()).isEqualTo("down");
        await().until(() -> !snapshot().tunnels().containsKey(TunnelId.of(id)));
    }

    @Test
    @DisplayName("TU-03: after a rotation the old secret opens nothing within 5 s, and the token is the new one")
    void tu03TheOldSecretOpensNothingAfterRotation() {
        String id = tunnel();
        byte[] fresh = new byte[32];
        fresh[0] = 1;
        await().until(() -> snapshot().tunnels().containsKey(TunnelId.of(id)));
        String before = Api.get("/cfd_tunnel/" + id + "/token").result().asString();
        BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
        Api.must(
                "PATCH",
                "/cfd_tunnel/" + id,
                "{\"tunnel_secret\": \"" + Base64.getEncoder().encodeToString(fresh) + "\"}");
        await().untilAsserted(() -> {
            TunnelGrant grant = Objects.requireNonNull(snapshot().tunnels().get(TunnelId.of(id)));
            assertThat(grant.secret().matches(new byte[32])).isFalse();
            assertThat(grant.secret().matches(fresh)).isTrue();
        });
        assertThat(watch.took()).isLessThan(watch.allowing(Duration.ofSeconds(5)));
        assertThat(Api.get("/cfd_tunnel/" + id + "/token").result().asString()).isNotEqualTo(before);
        String dumped = Api.get("/sallyport/audit?per_page=1000").envelope().toString();
        assertThat(dumped).contains("rotate").doesNotContain(Base64.getEncoder().encodeToString(fresh));
    }

    @Test
    void aConfigurationIsStoredAndReturnedToTheLetterAndBindsItsHostnames() {
        String id = tunnel();
        String host = Api.uniqueHost();
        JsonNode none = Api.get("/cfd_tunnel/" + id + "/configurations").result();
        assertThat(none.path("version").asInt()).isZero();
        assertThat(none.path("config").isNull()).isTrue();

        ObjectNode config = Api.json(FULL.formatted(host));
        Api.Answer written = configure(id, config.toString());
        assertThat(written.status()).as(written.envelope().toString()).isEqualTo(200);
        ObjectNode read = Api.get("/cfd_tunnel/" + id + "/configurations").object();
        assertThat(read).isEqualTo(written.object());
        assertThat(read.path("version").asInt()).isEqualTo(1);
        assertThat(read.path("source").asString()).isEqualTo("cloudflare");
        assertThat(read.path("config").toString()).isEqualTo(config.toString());
        assertThat(Api.must("PUT", "/cfd_tunnel/" + id + "/configurations", read.toString())
                        .result()
                        .path("version")
                        .asInt())
                .isEqualTo(2);
        assertThat(Api.get("/cfd_tunnel/" + id).result().path("remote_config").asBoolean())
                .isTrue();
        await().untilAsserted(() -> {
            TunnelGrant grant = Objects.requireNonNull(snapshot().tunnels().get(TunnelId.of(id)));
            assertThat(grant.remotelyManaged()).isTrue();
            assertThat(grant.configVersion()).isEqualTo(2);
            assertThat(grant.configJson()).isEqualTo(config.toString());
            assertThat(snapshot().origins().find(new HostName(host), "/"))
                    .contains(new Upstream.ViaTunnel(TunnelId.of(id), host));
            for (String each : List.of("any." + host, "and.any.below." + host)) {
                assertThat(snapshot().origins().find(new HostName(each), "/"))
                        .contains(new Upstream.ViaTunnel(TunnelId.of(id), "*." + host));
            }
        });
        configure(id, "{\"ingress\": [{\"service\": \"http_status:404\"}]}");
        await().until(() -> snapshot().origins().find(new HostName(host), "/").isEmpty());
    }

    @Test
    @DisplayName("TU-02: a hostname belongs to one tunnel or origin; the second claim is 409 and changes nothing")
    void tu02ASecondClaimOnAHostnameIsRefused() {
        String host = Api.uniqueHost();
        String rules = "{\"ingress\": [{\"hostname\": \"" + host
                + "\", \"service\": \"http://localhost\"}, {\"service\": \"http_status:404\"}]}";
        String origin = "{\"hostname\": \"" + host + "\", \"path\": \"/x\", \"service\": \"http://10.0.0.5\"}";
        String first = tunnel();
        String second = tunnel();
        assertThat(configure(first, rules).status()).isEqualTo(200);
        Api.Answer refused = configure(second, rules.replace(host, host.toUpperCase(Locale.ROOT)));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.error().path("message").asString()).contains(host, first);
        assertThat(Api.get("/cfd_tunnel/" + second + "/configurations")
                        .result()
                        .path("version")
                        .asInt())
                .isZero();
        assertThat(Api.call("POST", "/sallyport/origins", origin).status()).isEqualTo(409);

        Api.must("DELETE", "/cfd_tunnel/" + first, null);
        Api.Answer taken = Api.create("/sallyport/origins", origin);
        Api.Answer byOrigin = configure(second, rules);
        assertThat(byOrigin.status()).isEqualTo(409);
        assertThat(byOrigin.error().path("message").asString()).contains("an origin");
        Api.must("DELETE", "/sallyport/origins/" + taken.id(), null);
        assertThat(configure(second, rules).status()).isEqualTo(200);
    }

    static List<Arguments> badConfigurations() {
        String last = ", {\"service\": \"http_status:404\"}]}";
        return List.of(
                bad("[]", "/config"),
                bad("{\"ingress\": {}}", "/config/ingress"),
                bad(
                        "{\"ingress\": [{\"hostname\": \"a.example.com\", \"service\": \"http://x\"}]}",
                        "must match all URLs"),
                bad("{\"ingress\": [{\"service\": \"http://x\"}" + last, "Rule #1 is matching the hostname ''"),
                bad("{\"ingress\": [{\"hostname\": \"*\", \"service\": \"http://x\"}" + last, "Rule #1"),
                bad(rule("\"hostname\": \"a.*.example.com\"") + last, "at most one wildcard"),
                bad(rule("\"hostname\": \"a.example.com:80\"") + last, "cannot contain a port"),
                bad(rule("\"hostname\": \"a b\"") + last, "/config/ingress/0/hostname"),
                bad(rule("\"hostname\": \"console.localhost\"") + last, "a host of Sallyport itself"),
                bad(rule("\"hostname\": \"auth.localhost\"") + last, "a host of Sallyport itself"),
                bad(rule("\"path\": \"(\"") + last, "Rule #1 has an invalid regex"),
                bad(rule("\"path\": \"(?=x)\"") + last, "look-around"),
                bad(rule("\"path\": 7") + last, "/config/ingress/0/path"),
                bad(service("localhost:80"), "has a scheme and a hostname"),
                bad(service("http://x/y"), "different path"),
                bad(service("htp://x"), "has the scheme htp"),
                bad(service("http_status:99"), "invalid HTTP status code"),
                bad(service(""), "/config/ingress/0/service"),
                bad(request("\"connectTimeout\": \"30s\""), "/config/ingress/0/originRequest/connectTimeout"),
                bad(request("\"connectTimeout\": 30.0"), "durations are seconds"),
                bad(request("\"noTLSVerify\": \"yes\""), "must be true or false"),
                bad(request("\"proxyType\": \"ftp\""), "must be one of socks"),
                bad(request("\"proxyPort\": 65536"), "must be from 0 to 65535"),
                bad(request("\"ipRules\": [{\"prefix\": \"10.0.0.0/33\"}]"), "unable to create ip rule"),
                bad(request("\"ipRules\": [{\"prefix\": \"10.0.0.0/8\", \"ports\": [0]}]"), "ports/0 must be a port"),
                bad(
                        request("\"access\": {\"required\": true, \"audTag\": [\"a\"]}"),
                        "access.TeamName cannot be blank"),
                bad("{\"originRequest\": {\"http2Origin\": 1}}", "/config/originRequest/http2Origin"));
    }

    private static Arguments bad(String config, String message) {
        return Arguments.of(config, message);
    }

    private static String rule(String condition) {
        return "{\"ingress\": [{" + condition + ", \"service\": \"http://x\"}";
    }

    private static String service(String service) {
        return "{\"ingress\": [{\"service\": \"" + service + "\"}]}";
    }

    private static String request(String member) {
        return "{\"ingress\": [{\"service\": \"http://x\", \"originRequest\": {" + member + "}}]}";
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("badConfigurations")
    void aConfigurationThatAConnectorWouldRefuseIsRefusedNamingTheField(String config, String message) {
        String id = tunnel();
        Api.Answer refused = configure(id, config);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("message").asString()).contains(message);
        assertThat(Api.get("/cfd_tunnel/" + id + "/configurations")
                        .result()
                        .path("version")
                        .asInt())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                          | /name is required
            {"name": "  "}                                              | /name
            {"name": "6ff42ae2-765d-4adf-8112-31c55c1551ef"}            | /name must be a name, and no UUID
            {"name": 7}                                                 | /name must be a text
            {"name": "x", "config_src": "elsewhere"}                    | /config_src must be one of cloudflare, local
            {"name": "x", "tunnel_secret": "c2hvcnQ="}                  | /tunnel_secret must have at least 24 bytes
            {"name": "x", "tunnel_secret": "no base64!"}                | /tunnel_secret must be base64
            """)
    void aTunnelThatCannotBeIsRefusedNamingTheField(String body, String message) {
        Api.Answer refused = Api.call("POST", "/cfd_tunnel", body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("code").asInt()).isEqualTo(1003);
        assertThat(refused.error().path("message").asString()).startsWith(message);
        assertThat(refused.header("content-type")).isEqualTo("application/json");
    }

    @Test
    void unknownTunnelsAreNotFoundWhateverIsAsked() {
        for (String id : List.of(UUID.randomUUID().toString(), "no-uuid")) {
            for (String path : List.of("", "/token", "/configurations", "/connections", "/connectors/" + id)) {
                assertThat(Api.get("/cfd_tunnel/" + id + path).status())
                        .as(path)
                        .isEqualTo(404);
            }
            assertThat(Api.call("DELETE", "/cfd_tunnel/" + id, null).status()).isEqualTo(404);
            assertThat(configure(id, "{}").status()).isEqualTo(404);
        }
    }

    @Test
    void aManagementTokenIsForOneTunnelForAnHourAndIsNoted() {
        String id = tunnel();
        String asSdk = Api.must(
                        "POST", "/cfd_tunnel/" + id + "/management", "{\"resources\": [\"logs\", \"host_details\"]}")
                .result()
                .asString();
        Api.Answer asCloudflared = Api.call("POST", "/cfd_tunnel/" + id + "/management/logs", null);
        assertThat(asCloudflared.status()).as("cloudflared takes no other").isEqualTo(200);

        ManagementClaims claims = ManagementClaims.claimed(asSdk).orElseThrow();
        assertThat(claims.tunnel()).isEqualTo(id);
        assertThat(claims.account()).isEqualTo(Api.account());
        assertThat(claims.actor()).isNotEmpty();
        assertThat(claims.host()).isEqualTo("management.argotunnel.com");
        assertThat(claims.resources())
                .containsExactlyInAnyOrder(ManagementResource.LOGS, ManagementResource.HOST_DETAILS);
        assertThat(Duration.between(claims.issuedAt(), claims.expiresAt())).isEqualTo(Duration.ofHours(1));
        assertThat(ManagementClaims.claimed(asCloudflared.result().asString())
                        .orElseThrow()
                        .resources())
                .containsExactly(ManagementResource.LOGS);
        ManagementKey key = Api.server().context().getBean(ManagementKey.class);
        assertThat(key.verify(asSdk, claims.host(), claims.issuedAt())).isPresent();

        String trail = Api.call("GET", "/sallyport/audit?resource_id=" + id, null)
                .envelope()
                .toString();
        assertThat(trail).contains("management_token", "host_details").doesNotContain(asSdk);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                /management         | {}
                /management         | {"resources": []}
                /management         | {"resources": "logs"}
                /management         | {"resources": ["logs", "everything"]}
                /management         | {"resources": [null]}
                /management/secrets |""")
    void aManagementTokenForSomethingElseIsRefused(String path, String body) {
        Api.Answer answer = Api.call("POST", "/cfd_tunnel/" + tunnel() + path, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("message").asString()).containsAnyOf("resource");
    }

    @Test
    void aDeletedTunnelHasNoManagementTokens() {
        String id = tunnel();
        Api.must("DELETE", "/cfd_tunnel/" + id, null);
        assertThat(Api.call("POST", "/cfd_tunnel/" + id + "/management/logs", null)
                        .status())
                .isEqualTo(404);
        assertThat(Api.call("POST", "/cfd_tunnel/" + UUID.randomUUID() + "/management/logs", null)
                        .status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"management.argotunnel.com", "management.fed.argotunnel.com"})
    @DisplayName("TU-11: the hosts at which connectors answer about themselves lead nowhere else")
    void hostsOfConnectorsAreReserved(String host) {
        Api.Answer answer = configure(tunnel(), """
                {"ingress": [{"hostname": "%s", "service": "http://localhost:1"}, {"service": "http_status:404"}]}""".formatted(host));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("message").asString()).contains("a host of Sallyport itself");
    }
}
