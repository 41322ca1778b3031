package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.http.HostName;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.Upstream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** DNS records and {@code route dns}: names that lead to tunnels, and all other records, kept and returned. */
class DnsRecordsIT {
    private static String zone() {
        return "/zones/"
                + Api.send("GET", "/zones", null, Api.withToken())
                        .result()
                        .path(0)
                        .path("id")
                        .asString();
    }

    private static Api.Answer call(String method, String path, String body) {
        return Api.send(method, zone() + path, body, Api.withToken());
    }

    private static Api.Answer create(String body) {
        Api.Answer answer = call("POST", "/dns_records", body);
        assertThat(answer.status()).as(answer.envelope().toString()).isEqualTo(200);
        return answer;
    }

    private static String alias(String name, String content) {
        return "{\"type\": \"CNAME\", \"name\": \"%s\", \"content\": \"%s\", \"proxied\": true, \"ttl\": 1}"
                .formatted(name, content);
    }

    private static String tunnel() {
        return Api.create("/cfd_tunnel", "{\"name\": \"" + Api.unique("routed") + "\"}")
                .id();
    }

    private static Api.Answer route(String tunnel, String host, boolean overwrite) {
        return call("PUT", "/tunnels/" + tunnel + "/routes", """
                {"type": "dns", "user_hostname": "%s", "overwrite_existing": %s}""".formatted(host, overwrite));
    }

    private static Optional<Upstream> behind(String host) {
        Snapshot snapshot = Objects.requireNonNull(
                Api.server().context().getBean(SnapshotHolder.class).current());
        return snapshot.origins().find(new HostName(host), "/");
    }

    private static void awaitBehind(String host, Upstream expected) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(behind(host)).isEqualTo(Optional.ofNullable(expected)));
    }

    @Test
    void theZoneIsFoundUnderTheNameOfAnyDomainThatIsLookedUp() {
        String usual = Api.send("GET", "/zones", null, Api.withToken())
                .result()
                .path(0)
                .path("id")
                .asString();

        for (String name : List.of("example.com", "sub.example.org")) {
            Api.Answer found = Api.send("GET", "/zones?name=" + name + "&status=active", null, Api.withToken());
            assertThat(found.result()).hasSize(1);
            assertThat(found.result().path(0).path("name").asString()).isEqualTo(name);
            assertThat(found.result().path(0).path("id").asString()).isEqualTo(usual);
        }
        assertThat(Api.send("GET", "/zones?name=no_domain!", null, Api.withToken())
                        .result())
                .isEmpty();
        assertThat(Api.send("GET", "/zones?account.id=0123", null, Api.withToken())
                        .result())
                .isEmpty();
    }

    @Test
    void routeDnsBindsAHostnameAndSaysWhetherItWasNew() {
        String host = Api.uniqueHost();
        String first = tunnel();
        String second = tunnel();
        Api.Answer added = route(first, host, false);
        assertThat(added.status()).isEqualTo(200);
        assertThat(added.result().path("cname").asString()).isEqualTo("new");
        assertThat(added.result().path("name").asString()).isEqualTo(host);
        awaitBehind(host, new Upstream.ViaTunnel(TunnelId.of(first), host));

        assertThat(route(first, host, false).result().path("cname").asString()).isEqualTo("unchanged");
        Api.Answer refused = route(second, host, false);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.error().path("message").asString()).contains(host);
        awaitBehind(host, new Upstream.ViaTunnel(TunnelId.of(first), host));
        assertThat(route(second, host, true).result().path("cname").asString()).isEqualTo("updated");
        awaitBehind(host, new Upstream.ViaTunnel(TunnelId.of(second), host));

        JsonNode record = call("GET", "/dns_records?name=" + host, null).result();
        assertThat(record.size()).isEqualTo(1);
        assertThat(record.path(0).path("content").asString()).isEqualTo(second + ".tunnel.localhost");
        call("DELETE", "/dns_records/" + record.path(0).path("id").asString(), null);
        awaitBehind(host, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tunnel.localhost", "cfargotunnel.com", "CFARGOTUNNEL.com."})
    void anAliasOfATunnelBindsTheHostnameWhoeverWritesIt(String domain) {
        String host = Api.uniqueHost();
        String tunnel = tunnel();
        String id = create(alias("*." + host, tunnel + "." + domain)).id();
        awaitBehind("any." + host, new Upstream.ViaTunnel(TunnelId.of(tunnel), "*." + host));
        call("PATCH", "/dns_records/" + id, "{\"content\": \"elsewhere.example.com\"}");
        awaitBehind("any." + host, null);
        call("PATCH", "/dns_records/" + id, "{\"content\": \"" + tunnel + "." + domain + "\"}");
        awaitBehind("any." + host, new Upstream.ViaTunnel(TunnelId.of(tunnel), "*." + host));
    }

    @Test
    @DisplayName("TU-02: what one tunnel's configuration or an origin serves, no record gives to another tunnel")
    void tu02NoRecordTakesAHostnameFromItsHolder() {
        String configured = Api.uniqueHost();
        String reached = Api.uniqueHost();
        String holder = tunnel();
        String other = tunnel();
        Api.must("PUT", "/cfd_tunnel/" + holder + "/configurations", """
                {"config": {"ingress": [{"hostname": "%s", "service": "http://localhost"},
                 {"service": "http_status:404"}]}}""".formatted(configured));
        Api.create("/sallyport/origins", "{\"hostname\": \"" + reached + "\", \"service\": \"http://10.0.0.5\"}");
        for (String host : List.of(configured, reached)) {
            assertThat(call("POST", "/dns_records", alias(host, other + ".cfargotunnel.com"))
                            .status())
                    .isEqualTo(409);
            assertThat(route(other, host, true).status()).isEqualTo(409);
            assertThat(call("GET", "/dns_records?name=" + host, null).result().isEmpty())
                    .isTrue();
        }
        assertThat(route(holder, configured, false).status()).isEqualTo(200);
    }

    @Test
    void aDeletedTunnelLeavesItsRecordsAndItsHostnamesToOthers() {
        String host = Api.uniqueHost();
        String gone = tunnel();
        route(gone, host, false);
        Api.must("DELETE", "/cfd_tunnel/" + gone, null);
        awaitBehind(host, null);
        assertThat(call("GET", "/dns_records?name=" + host, null).result().size())
                .isEqualTo(1);
        assertThat(route(tunnel(), host, false).status()).isEqualTo(409);
        assertThat(route(tunnel(), host, true).result().path("cname").asString())
                .isEqualTo("updated");
        assertThat(route(gone, Api.uniqueHost(), false).status()).isEqualTo(404);
        assertThat(route(UUID.randomUUID().toString(), Api.uniqueHost(), false).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"""
                {"type": "A", "name": "HOST", "content": "192.0.2.1", "proxied": false, "ttl": 300, "comment": "x",
                 "tags": ["team:b", "team:a"]}""", """
                {"type": "AAAA", "name": "HOST", "content": "2001:db8::1"}""", """
                {"type": "CNAME", "name": "Www.HOST", "content": "Elsewhere.example.com", "proxied": true, "ttl": 1,
                 "comment": null, "tags": [], "settings": {"flatten_cname": false}}""", """
                {"type": "TXT", "name": "_dmarc.HOST", "content": "\\"v=DMARC1; p=none\\""}""", """
                {"type": "MX", "name": "HOST", "content": "mail.example.com", "priority": 10}""", """
                {"type": "SRV", "name": "_sip._tls.HOST", "data": {"port": 443, "priority": 1, "weight": 1,
                 "target": "sip.example.com"}}"""})
    void writingBackWhatWasReadChangesNothing(String template) {
        Api.Answer created = create(template.replace("HOST", Api.uniqueHost()));
        String path = "/dns_records/" + created.id();
        assertThat(created.id()).matches("[0-9a-f]{32}");
        ObjectNode first = call("GET", path, null).object();
        assertThat(first).isEqualTo(created.object());
        assertThat(call("PUT", path, first.toString()).status()).isEqualTo(200);
        assertThat(withoutTime(call("GET", path, null).object())).isEqualTo(withoutTime(first));
        assertThat(withoutTime(call("PATCH", path, first.toString()).object())).isEqualTo(withoutTime(first));
        assertThat(call("DELETE", path, null).result().path("id").asString()).isEqualTo(created.id());
        assertThat(call("GET", path, null).status()).isEqualTo(404);
    }

    /** Terraform waits for a text of its own making and plans for ever where it does not come; a new part comes with the old text. */
    @Test
    void aRecordThatCameInPartsHasATextAndThePartsCount() {
        String name = "_sip._tcp." + Api.uniqueHost();
        String id = create("""
                {"name": "%s", "type": "SRV", "ttl": 300,
                 "data": {"port": 5060, "priority": 5, "target": "sip.example.com", "weight": 0}}""".formatted(name)).id();
        JsonNode first = call("GET", "/dns_records/" + id, null).result();
        assertThat(first.path("content").asString()).isEqualTo("0 5060 sip.example.com");
        assertThat(first.has("priority")).isFalse();

        JsonNode changed =
                call("PUT", "/dns_records/" + id, """
                        {"name": "%s", "type": "SRV", "ttl": 300, "content": "0 5060 sip.example.com",
                         "data": {"port": 5061, "priority": 5, "target": "sip.example.com", "weight": 0}}""".formatted(name)).result();
        assertThat(changed.path("content").asString()).isEqualTo("0 5061 sip.example.com");
        assertThat(call("GET", "/dns_records?name=" + name + "&content=0%205061%20sip.example.com", null)
                        .result())
                .hasSize(1);
    }

    @Test
    void aRecordSaysSinceWhenItsCommentAndItsTagsAreSo() {
        String host = Api.uniqueHost();
        String plain = """
                {"type": "A", "name": "%s", "content": "192.0.2.1", "ttl": 300, "tags": []}""".formatted(host);
        JsonNode without = create(plain).result();
        assertThat(without.has("comment_modified_on")).isFalse();
        assertThat(without.has("tags_modified_on")).isFalse();

        String path = "/dns_records/" + without.path("id").asString();
        JsonNode with = call("PATCH", path, """
                {"comment": "why", "tags": ["team:a"]}""").result();
        assertThat(with.path("comment_modified_on").asString())
                .isEqualTo(with.path("modified_on").asString());
        assertThat(with.path("tags_modified_on").asString())
                .isEqualTo(with.path("modified_on").asString());
        assertThat(call("PUT", path, plain).result().has("comment_modified_on")).isFalse();
    }

    private static ObjectNode withoutTime(ObjectNode object) {
        return object.deepCopy().remove(List.of("modified_on"));
    }

    @Test
    void listsFilter() {
        String host = Api.uniqueHost();
        create("{\"type\": \"A\", \"name\": \"%s\", \"content\": \"192.0.2.1\"}".formatted(host));
        create("{\"type\": \"A\", \"name\": \"%s\", \"content\": \"192.0.2.2\"}".formatted(host));
        create("{\"type\": \"TXT\", \"name\": \"%s\", \"content\": \"hello\"}".formatted(host));
        assertThat(call("GET", "/dns_records?name=" + host, null).result().size())
                .isEqualTo(3);
        assertThat(call("GET", "/dns_records?name.exact=" + host + "&type=A", null)
                        .result()
                        .size())
                .isEqualTo(2);
        assertThat(call("GET", "/dns_records?name=" + host + "&content=192.0.2.2", null)
                        .result()
                        .size())
                .isEqualTo(1);
        assertThat(call("GET", "/dns_records?search=" + host.substring(1), null)
                        .result()
                        .size())
                .isEqualTo(3);
        assertThat(call("GET", "/dns_records?name=" + host + "&page=9", null)
                        .result()
                        .isEmpty())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"name": "a.example.com", "content": "192.0.2.1"}                                     | /type is required
            {"type": "A", "content": "192.0.2.1"}                                                 | /name is required
            {"type": "A", "name": "a b", "content": "192.0.2.1"}                                  | /name must be a host name
            {"type": "A", "name": "a.*.example.com", "content": "192.0.2.1"}                      | /name must be a host name
            {"type": "A", "name": "a.example.com/x", "content": "192.0.2.1"}                      | /name must be a host name
            {"type": "A", "name": "a.example.com", "content": "192.0.2.256"}                      | /content does not fit
            {"type": "AAAA", "name": "a.example.com", "content": "192.0.2.1"}                     | /content does not fit
            {"type": "CNAME", "name": "a.example.com", "content": "192.0.2.1"}                    | /content does not fit
            {"type": "CNAME", "name": "a.example.com"}                                            | /content is required
            {"type": "CNAME", "name": "a.example.com", "content": "6ff42ae2-765d-4adf-8112-31c55c1551ef.cfargotunnel.com"} | /content names a tunnel
            {"type": "A", "name": "a.example.com", "content": "192.0.2.1", "ttl": 7}              | /ttl must be 1
            {"type": "A", "name": "a.example.com", "content": "192.0.2.1", "proxied": "yes"}      | /proxied must be true
            """)
    void aRecordThatCannotBeIsRefusedNamingTheField(String body, String message) {
        Api.Answer refused = call("POST", "/dns_records", body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("code").asInt()).isEqualTo(1004);
        assertThat(refused.error().path("message").asString()).startsWith(message);
    }

    @Test
    void anAliasStandsAlone() {
        String host = Api.uniqueHost();
        create("{\"type\": \"A\", \"name\": \"%s\", \"content\": \"192.0.2.1\"}".formatted(host));
        Api.Answer refused = call("POST", "/dns_records", alias(host, "b.example.com"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("code").asInt()).isEqualTo(81053);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"type": "lb", "lb_name": "a.example.com", "lb_pool": "p"}   | /type must be dns
            {"type": "dns"}                                              | /user_hostname is required
            {"type": "dns", "user_hostname": "a:80"}                     | /user_hostname must be a host name
            """)
    void aRouteThatCannotBeIsRefusedNamingTheField(String body, String message) {
        Api.Answer refused = call("PUT", "/tunnels/" + tunnel() + "/routes", body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("code").asInt()).isEqualTo(1003);
        assertThat(refused.error().path("message").asString()).startsWith(message);
    }

    @Test
    void ourOwnHostsAreNoTunnels() {
        Api.Answer routed = route(tunnel(), "auth.localhost", true);
        assertThat(routed.status()).isEqualTo(400);
        assertThat(routed.error().path("code").asInt()).isEqualTo(1003);
        Api.Answer aliased = call("POST", "/dns_records", alias("console.localhost", tunnel() + ".tunnel.localhost"));
        assertThat(aliased.status()).isEqualTo(400);
        assertThat(aliased.error().path("code").asInt()).isEqualTo(1004);
        assertThat(aliased.error().path("message").asString()).isEqualTo("/name is a host of Sallyport itself");
    }

    /** A zone of a domain that no other test has. */
    private static Api.Answer zoneOf(String domain) {
        Api.Answer made = Api.send(
                "POST",
                "/zones",
                "{\"name\": \"%s\", \"account\": {\"id\": \"%s\"}, \"type\": \"full\"}"
                        .formatted(domain, Api.account()),
                Api.withToken());
        assertThat(made.status()).as(made.envelope().toString()).isEqualTo(200);
        return made;
    }

    private static Api.Answer in(Api.Answer zone, String method, String path, String body) {
        return Api.send(method, "/zones/" + zone.id() + path, body, Api.withToken());
    }

    @ParameterizedTest
    @CsvSource({"app,app.%s", "App.Dev,app.dev.%s", "@,%s", "*,*.%s", "app.%s,app.%s", "app.%s.,app.%s", "%s,%s"})
    void aNameInTheZoneOfADomainMayBeRelativeAndIsReadBackWhole(String written, String whole) {
        String domain = Api.unique("zone") + ".example.net";
        Api.Answer zone = zoneOf(domain);
        String tunnel = tunnel();

        Api.Answer made =
                in(zone, "POST", "/dns_records", alias(written.replace("%s", domain), tunnel + ".cfargotunnel.com"));

        String name = whole.replace("%s", domain);
        assertThat(made.result().path("name").asString()).isEqualTo(name);
        Api.Answer read = in(zone, "GET", "/dns_records/" + made.id(), null);
        assertThat(read.result()).isEqualTo(made.result());
        Api.Answer again = in(
                zone,
                "PUT",
                "/dns_records/" + made.id(),
                alias(written.replace("%s", domain), tunnel + ".cfargotunnel.com"));
        assertThat(again.object().without("modified_on"))
                .as("written again as it was written first")
                .isEqualTo(read.object().without("modified_on"));
        assertThat(in(zone, "GET", "/dns_records?name=" + name, null).result()).hasSize(1);
        awaitBehind(name.replace("*", "any"), new Upstream.ViaTunnel(TunnelId.of(tunnel), name));
    }

    @Test
    void textRecordsOfAZoneHaveWholeNamesToo() {
        String domain = Api.unique("zone") + ".example.net";
        Api.Answer made = in(zoneOf(domain), "POST", "/dns_records", """
                {"type": "TXT", "name": "_dmarc", "content": "v=DMARC1; p=reject"}""");
        assertThat(made.result().path("name").asString()).isEqualTo("_dmarc." + domain);
    }

    @Test
    void routeDnsInTheZoneOfADomainTakesARelativeName() {
        String domain = Api.unique("zone") + ".example.net";
        String tunnel = tunnel();
        Api.Answer routed = in(zoneOf(domain), "PUT", "/tunnels/" + tunnel + "/routes", """
                {"type": "dns", "user_hostname": "wiki"}""");
        assertThat(routed.result().path("name").asString()).isEqualTo("wiki." + domain);
        awaitBehind("wiki." + domain, new Upstream.ViaTunnel(TunnelId.of(tunnel), "wiki." + domain));
    }

    @ParameterizedTest
    @ValueSource(strings = {"app", "@"})
    void theZoneOfAllDomainsTakesNoNameThatNeedsOne(String name) {
        Api.Answer refused = call("POST", "/dns_records", alias(name, tunnel() + ".cfargotunnel.com"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("message").asString())
                .startsWith("/name " + name)
                .contains("POST /zones");
        Api.Answer unrouted = route(tunnel(), name, false);
        assertThat(unrouted.status()).isEqualTo(400);
        assertThat(unrouted.error().path("message").asString()).startsWith("/user_hostname " + name);
    }

    @Test
    void aZoneShowsItsOwnRecordsAndNoOthers() {
        String domain = Api.unique("zone") + ".example.net";
        Api.Answer zone = zoneOf(domain);
        String inside = in(zone, "POST", "/dns_records", alias("app", "elsewhere.example.com"))
                .id();
        String outside =
                create(alias("app.not" + domain, "elsewhere.example.com")).id();

        assertThat(in(zone, "GET", "/dns_records", null)
                        .result()
                        .valueStream()
                        .map(each -> each.path("id").asString()))
                .containsExactly(inside);
        for (String method : List.of("GET", "PUT", "PATCH", "DELETE")) {
            assertThat(in(
                                    zone,
                                    method,
                                    "/dns_records/" + outside,
                                    method.equals("GET") ? null : alias("x", "y.example.com"))
                            .status())
                    .as(method)
                    .isEqualTo(404);
        }
        assertThat(call("GET", "/dns_records/" + inside, null).status())
                .as("the zone of all domains")
                .isEqualTo(200);
    }

    @Test
    void aZoneIsFoundByItsDomainAndLeavesItsRecords() {
        String domain = Api.unique("zone") + ".example.net";
        Api.Answer zone = zoneOf(domain);
        String record = in(zone, "POST", "/dns_records", alias("app", "elsewhere.example.com"))
                .id();

        JsonNode found =
                Api.send("GET", "/zones?name=" + domain, null, Api.withToken()).result();
        assertThat(found).hasSize(1);
        assertThat(found.path(0)).isEqualTo(zone.result());
        assertThat(in(zone, "GET", "", null).result()).isEqualTo(zone.result());
        assertThat(in(zone, "GET", "/access/apps", null).status())
                .as("the same resources answer below it")
                .isEqualTo(200);
        assertThat(in(zone, "PATCH", "", "{\"paused\": true}")
                        .result()
                        .path("paused")
                        .asBoolean())
                .isTrue();
        Api.Answer twice =
                Api.send("POST", "/zones", "{\"name\": \"" + domain.toUpperCase(Locale.ROOT) + "\"}", Api.withToken());
        assertThat(twice.status()).isEqualTo(409);
        assertThat(twice.error().path("message").asString()).contains("/name " + domain);

        assertThat(in(zone, "DELETE", "", null).id()).isEqualTo(zone.id());
        assertThat(in(zone, "GET", "/dns_records", null).status()).isEqualTo(404);
        assertThat(call("GET", "/dns_records/" + record, null)
                        .result()
                        .path("name")
                        .asString())
                .isEqualTo("app." + domain);
    }

    @ParameterizedTest
    @CsvSource({
        "{},/name is required",
        "{\"name\": \"10.0.0.1\"},/name must be a domain such as example.com",
        "{\"name\": \"a/b.example.com\"},/name must be a domain such as example.com"
    })
    void aZoneNeedsADomain(String body, String message) {
        Api.Answer refused = Api.send("POST", "/zones", body, Api.withToken());
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("message").asString()).endsWith(message);
    }

    @Test
    void theZoneOfAllDomainsStays() {
        assertThat(call("DELETE", "", null).status()).isEqualTo(409);
        assertThat(call("PATCH", "", "{\"paused\": true}").status()).isEqualTo(409);
        Api.Answer foreign = Api.send("POST", "/zones", """
                {"name": "foreign.example.net", "account": {"id": "0123456789abcdef0123456789abcdef"}}""", Api.withToken());
        assertThat(foreign.error().path("message").asString()).endsWith("/account/id names no account");
    }

    @Test
    @DisplayName("A batch is made whole, deletions first, or not at all")
    void aBatchIsOneChange() {
        String host = Api.uniqueHost();
        String first = create("{\"type\": \"A\", \"name\": \"%s\", \"content\": \"192.0.2.1\"}".formatted(host))
                .id();
        String other = create("{\"type\": \"A\", \"name\": \"x.%s\", \"content\": \"192.0.2.1\"}".formatted(host))
                .id();

        Api.Answer refused = call("POST", "/dns_records/batch", """
                {"deletes": [{"id": "%s"}], "posts": [{"type": "A", "name": "%s", "content": "nowhere"}]}""".formatted(first, host));
        Api.Answer unknown = call("POST", "/dns_records/batch", """
                {"deletes": [{"id": "%s"}, {"id": "00000000000040008000000000000000"}]}""".formatted(first));
        int kept = call("GET", "/dns_records/" + first, null).status();
        Api.Answer done = call("POST", "/dns_records/batch", """
                {"posts": [{"type": "CNAME", "name": "%2$s", "content": "elsewhere.example.net"}],
                 "patches": [{"id": "%3$s", "comment": "patched"}], "deletes": [{"id": "%1$s"}]}""".formatted(first, host, other));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().at("/source/pointer").asString()).isEqualTo("/posts/0/content");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(kept).as("a batch that fails changes nothing").isEqualTo(200);
        assertThat(done.status()).as(done.envelope().toString()).isEqualTo(200);
        assertThat(done.result().at("/deletes/0/id").asString()).isEqualTo(first);
        assertThat(done.result().at("/posts/0/type").asString()).isEqualTo("CNAME");
        assertThat(done.result().at("/patches/0/comment").asString()).isEqualTo("patched");
        assertThat(done.result().path("puts").isEmpty()).isTrue();
        assertThat(call("GET", "/dns_records/" + first, null).status()).isEqualTo(404);
    }
}
