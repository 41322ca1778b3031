package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.TestServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The whole configuration as one file, on a server of its own that each test begins with empty. */
class OneFileIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String NOTHING = """
            {"sallyport":1,"tags":[],"lists":[],"identity_providers":[],"service_tokens":[],"workload_issuers":[],"certificates":[],"certificate_settings":[],"custom_pages":[],
             "groups":[],"policies":[],"applications":[],"tunnels":[],"zones":[],"dns_records":[],"origins":[]}""";

    private static TestServer server;
    private static AdminClient admin;

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of());
        admin = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void empty() {
        apply(NOTHING);
        assertThat(export().get("applications")).isEmpty();
    }

    private static ObjectNode export() {
        return (ObjectNode) admin.get("/sallyport/export");
    }

    private static JsonNode apply(Object file) {
        return admin.post("/sallyport/apply", file.toString());
    }

    private static JsonNode plan(Object file) {
        return admin.post("/sallyport/apply?dry_run=true", file.toString());
    }

    private static long version() {
        return server.database()
                .jdbc()
                .sql("select version from config_version")
                .query(Long.class)
                .single();
    }

    private static List<String> names(JsonNode list) {
        return list.valueStream()
                .map(each ->
                        each.get("kind").asString() + " " + each.get("name").asString())
                .toList();
    }

    private static final String WORLD = """
            {"sallyport":1,
             "tags":["engineering"],
             "lists":[{"name":"Contractors","type":"EMAIL","items":["eve@elsewhere.example",{"value":"bob@elsewhere.example","description":"until May"}]}],
             "identity_providers":[{"name":"Mail","type":"onetimepin"},
               {"name":"Okta","type":"okta","config":{"client_id":"abc","client_secret":"s3cret-of-okta","okta_account":"https://example.okta.com"}}],
             "service_tokens":[{"name":"CI","duration":"8760h"}],
             "workload_issuers":[{"name":"Build","issuer":"https://build.example","jwks_url":"https://build.example/keys","audience":"deploy"}],
             "groups":[{"name":"Everyone we know","include":[{"group":{"name":"Staff"}},{"email_list":{"name":"Contractors"}}]},
                       {"name":"Staff","include":[{"okta":{"identity_provider":"Okta","name":"staff"}}]}],
             "policies":[{"name":"Known people","decision":"allow","include":[{"group":{"name":"Everyone we know"}}]},
                         {"name":"Robots","decision":"non_identity","include":[{"service_token":{"name":"CI"}},{"workload":{"issuer":"Build","claims":{"ref":"main"}}}]}],
             "applications":[{"name":"Wiki","type":"self_hosted","domain":"wiki.example.com","tags":["engineering"],"allowed_idps":["Okta"],
                "policies":["Known people",{"name":"Not Eve","decision":"deny","include":[{"email":{"email":"eve@elsewhere.example"}}]},"Robots"]}],
             "origins":[{"hostname":"wiki.example.com","service":"http://10.0.0.5:3000"}]}""";

    @Test
    void aFileMakesAWholeWorldWhoseExportAppliesToNothing() {
        JsonNode made = apply(WORLD);

        assertThat(made.get("applied").asBoolean()).isTrue();
        assertThat(names(made.get("created")))
                .contains(
                        "tag engineering",
                        "list Contractors",
                        "identity provider Okta",
                        "service token CI",
                        "workload issuer Build",
                        "group Staff",
                        "policy Robots",
                        "application Wiki",
                        "origin wiki.example.com");
        assertThat(made.at("/credentials/0/service_token").asString()).isEqualTo("CI");
        assertThat(made.at("/credentials/0/client_secret").asString()).isNotEmpty();
        ObjectNode file = export();
        assertThat(file.at("/applications/0/policies/0").asString()).isEqualTo("Known people");
        assertThat(file.at("/applications/0/policies/1/name").asString()).isEqualTo("Not Eve");
        assertThat(file.at("/applications/0/allowed_idps/0").asString()).isEqualTo("Okta");
        assertThat(file.at("/groups/1/include/0/okta/identity_provider").asString())
                .isEqualTo("Okta");
        long before = version();
        String idsBefore = admin.get("/access/apps").toString();

        JsonNode again = apply(file);

        assertThat(again.get("applied").asBoolean()).isFalse();
        assertThat(names(again.get("created"))).isEmpty();
        assertThat(names(again.get("changed"))).isEmpty();
        assertThat(names(again.get("removed"))).isEmpty();
        assertThat(version()).as("not even the version moves").isEqualTo(before);
        assertThat(admin.get("/access/apps").toString()).isEqualTo(idsBefore);
        assertThat(apply(WORLD).get("applied").asBoolean())
                .as("the file as it was written, secrets included, is the same world")
                .isFalse();
    }

    @Test
    @DisplayName("AD-05: no secret is in an export, a plan or the audit trail")
    void ad05NoSecretIsInAnExport() {
        apply(WORLD);
        ObjectNode file = export();

        assertThat(file.toString()).doesNotContain("s3cret-of-okta").contains("SALLYPORT_OKTA_CLIENT_SECRET");
        JsonNode changed = plan(WORLD.replace("s3cret-of-okta", "another-s3cret"));
        assertThat(names(changed.get("changed"))).containsExactly("identity provider Okta");
        assertThat(changed.at("/changed/0/fields/0/path").asString()).isEqualTo("/config/client_secret");
        assertThat(changed.toString()).doesNotContain("s3cret-of-okta").doesNotContain("another-s3cret");
        assertThat(admin.get("/sallyport/audit?per_page=1000").toString()).doesNotContain("s3cret-of-okta");
    }

    @Test
    void aPlanSaysEachFieldAndChangesNothing() {
        apply(WORLD);
        ObjectNode file = export();
        ((ObjectNode) file.at("/applications/0")).put("session_duration", "8h").put("custom_deny_message", "Ask Ada");
        file.withArray("policies").remove(1);
        ((ArrayNode) file.at("/applications/0/policies")).remove(2);
        file.withArray("tags").add("new");
        long before = version();

        JsonNode plan = plan(file);

        assertThat(plan.get("applied").asBoolean()).isFalse();
        assertThat(names(plan.get("created"))).containsExactly("tag new");
        assertThat(names(plan.get("removed"))).containsExactly("policy Robots");
        assertThat(names(plan.get("changed"))).containsExactly("application Wiki");
        assertThat(plan.at("/changed/0/fields")
                        .valueStream()
                        .map(each -> each.get("path").asString()))
                .containsExactlyInAnyOrder("/session_duration", "/custom_deny_message", "/policies");
        assertThat(version()).isEqualTo(before);
        assertThat(export().toString()).isNotEqualTo(file.toString());

        JsonNode done = admin.post(
                "/sallyport/apply?base_version=" + plan.get("base_version").asLong(), file.toString());

        assertThat(done.get("applied").asBoolean()).isTrue();
        assertThat(export()).isEqualTo(file);
    }

    @Test
    void whatMovedSinceThePlanIsNotOverwritten() {
        apply(WORLD);
        ObjectNode file = export();
        file.withArray("tags").add("mine");
        long base = plan(file).get("base_version").asLong();
        admin.post("/access/tags", "{\"name\":\"theirs\"}");

        AdminClient.Answer answer = admin.call("POST", "/sallyport/apply?base_version=" + base, file.toString());

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.envelope().at("/errors/0/message").asString()).contains("moved from version " + base);
        assertThat(export().get("tags").toString()).contains("theirs").doesNotContain("mine");
    }

    @Test
    void aFileThatCannotBeAppliedIsRefusedAtItsPlaceAndNothingIsHalfDone() {
        apply(WORLD);
        ObjectNode file = export();
        file.withArray("tags").add("half");
        ((ObjectNode) file.at("/policies/0/include/0/group")).put("name", "Nobody by that name");

        AdminClient.Answer answer = admin.call("POST", "/sallyport/apply", file.toString());

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.envelope().at("/errors/0/source/pointer").asString())
                .isEqualTo("/policies/0/include/0/group/name");
        assertThat(answer.envelope().at("/errors/0/message").asString()).contains("Nobody by that name");
        assertThat(export().get("tags").toString()).doesNotContain("half");
    }

    @Test
    void applicationsExchangeTheirHostsAndARenamedOneKeepsItsAudience() {
        apply("""
                {"sallyport":1,"applications":[
                  {"name":"A","type":"self_hosted","domain":"a.example.com"},
                  {"name":"B","type":"self_hosted","domain":"b.example.com"},
                  {"name":"C","type":"self_hosted","domain":"c.example.com"}]}""");
        String aud = audienceOf("C");

        JsonNode done = apply("""
                {"sallyport":1,"applications":[
                  {"name":"A","type":"self_hosted","domain":"b.example.com"},
                  {"name":"B","type":"self_hosted","domain":"a.example.com"},
                  {"name":"Sea","type":"self_hosted","domain":"c.example.com"}]}""");

        assertThat(names(done.get("changed"))).hasSize(3);
        assertThat(names(done.get("created"))).isEmpty();
        assertThat(audienceOf("Sea")).isEqualTo(aud);
    }

    private static String audienceOf(String name) {
        return admin.get("/access/apps?exact=true&name=" + name).at("/0/aud").asString();
    }

    @Test
    void tunnelsCarryTheirConfigurationAndHostnamesAndPagesAreNamedWhereTheyAreShown() {
        String file = """
                {"sallyport":1,
                 "custom_pages":[{"name":"No entry","type":"forbidden","custom_html":"<p>no</p>"}],
                 "applications":[{"name":"Paged","type":"self_hosted","domain":"paged.example.com","custom_pages":["No entry"]}],
                 "tunnels":[{"name":"home","hostnames":["nas.example.com"],"config":{"ingress":[
                    {"hostname":"tv.example.com","service":"http://127.0.0.1:8096"},{"service":"http_status:404"}]}},
                   {"name":"office"}]}""";

        JsonNode made = apply(file);

        assertThat(made.get("credentials")
                        .valueStream()
                        .map(each -> each.path("tunnel").asString()))
                .containsExactly("home", "office");
        ObjectNode exported = export();
        assertThat(exported.at("/tunnels/0/hostnames/0").asString()).isEqualTo("nas.example.com");
        assertThat(exported.at("/tunnels/0/config/ingress/0/hostname").asString())
                .isEqualTo("tv.example.com");
        assertThat(exported.at("/applications/0/custom_pages/0").asString()).isEqualTo("No entry");
        assertThat(apply(exported).get("applied").asBoolean()).isFalse();

        JsonNode moved = apply(file.replace("\"hostnames\":[\"nas.example.com\"],", "")
                .replace("{\"name\":\"office\"}", "{\"name\":\"office\",\"hostnames\":[\"nas.example.com\"]}"));

        assertThat(names(moved.get("changed"))).containsExactlyInAnyOrder("tunnel home", "tunnel office");
        assertThat(export().at("/tunnels/1/hostnames/0").asString()).isEqualTo("nas.example.com");
        JsonNode gone = apply(
                "{\"sallyport\":1,\"tunnels\":[],\"origins\":[{\"hostname\":\"tv.example.com\",\"service\":\"http://10.0.0.1\"}]}");
        assertThat(names(gone.get("removed"))).containsExactlyInAnyOrder("tunnel home", "tunnel office");
        assertThat(names(gone.get("created")))
                .as("the hostname is free again")
                .containsExactly("origin tv.example.com");
    }

    @Test
    void anAuthorityKeepsItsCertificateChangesItsHostsAndGoesWithThem() {
        ObjectNode file = JSON.createObjectNode().put("sallyport", 1);
        ObjectNode authority =
                file.putArray("certificates").addObject().put("name", "Devices").put("certificate", Api.authority());
        authority.putArray("associated_hostnames").add("a.example.com");
        apply(file);
        assertThat(apply(export()).get("applied").asBoolean()).isFalse();

        authority.putArray("associated_hostnames").add("b.example.com");
        assertThat(names(apply(file).get("changed"))).containsExactly("certificate Devices");
        ObjectNode other = file.deepCopy();
        ((ObjectNode) other.at("/certificates/0")).put("certificate", Api.authority());
        AdminClient.Answer refused = admin.call("POST", "/sallyport/apply", other.toString());

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.envelope().at("/errors/0/source/pointer").asString())
                .isEqualTo("/certificates/0/certificate");
        assertThat(names(apply("{\"sallyport\":1,\"certificates\":[]}").get("removed")))
                .containsExactly("certificate Devices");
    }

    @Test
    void twoOfOneNameAreToldApartByTheirIds() {
        for (int i = 0; i < 2; i++) {
            String policy =
                    admin.post("/access/policies", """
                    {"name":"Twin","decision":"allow","include":[{"email":{"email":"twin%d@example.com"}}]}""".formatted(i)).get("id").asString();
            admin.post("/access/apps", """
                    {"type":"self_hosted","name":"Twins","domain":"t%d.example.com","policies":["%s"]}""".formatted(i, policy));
        }
        ObjectNode file = export();

        assertThat(file.at("/policies/0/id").asString()).isNotEmpty();
        assertThat(file.at("/applications/0/policies/0").asString()).startsWith("Twin (");
        assertThat(apply(file).get("applied").asBoolean()).isFalse();
    }

    @Test
    void aSectionThatIsNotThereIsLeftAloneAndAnUnknownOneIsRefused() {
        apply(WORLD);

        assertThat(apply("{\"sallyport\":1}").get("applied").asBoolean()).isFalse();
        AdminClient.Answer typo = admin.call("POST", "/sallyport/apply", "{\"sallyport\":1,\"aplications\":[]}");
        assertThat(typo.status()).isEqualTo(400);
        assertThat(typo.envelope().at("/errors/0/source/pointer").asString()).isEqualTo("/aplications");
    }

    @Test
    void aSecretThatIsNowhereIsRefusedForANewProviderAndKeptForAnOldOne() {
        String file = """
                {"sallyport":1,"identity_providers":[{"name":"Hub","type":"github",
                  "config":{"client_id":"abc","client_secret":{"env":"NOT_SET"}}}]}""";

        AdminClient.Answer refused = admin.call("POST", "/sallyport/apply", file);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.envelope().at("/errors/0/source/pointer").asString())
                .isEqualTo("/identity_providers/0/config/client_secret");

        apply(file.replace("{\"env\":\"NOT_SET\"}", "\"hub-secret\""));
        assertThat(apply(file).get("applied").asBoolean()).isFalse();
    }

    static LongStream seeds() {
        long first = System.nanoTime();
        return LongStream.range(first, first + 8);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @DisplayName(
            "export, then apply, changes nothing, whatever the world; and applied to nothing it makes the same world")
    void exportThenApplyChangesNothing(long seed) {
        Random random = new Random(seed);
        apply(randomWorld(random));
        ObjectNode file = export();
        long before = version();

        assertThat(apply(file).get("applied").asBoolean())
                .as("seed %s: %s", seed, file)
                .isFalse();
        assertThat(version()).isEqualTo(before);
        apply(NOTHING);
        apply(file);
        assertThat(export()).as("seed %s", seed).isEqualTo(file);

        String other = randomWorld(random);
        apply(other);
        ObjectNode reached = export();
        assertThat(apply(other).get("applied").asBoolean())
                .as("seed %s: from %s to %s", seed, file, other)
                .isFalse();
        assertThat(plan(reached).get("changed")).isEmpty();
    }

    /** Groups that name groups, policies that name them, applications with both kinds of policies, in any order. */
    private static String randomWorld(Random random) {
        ObjectNode world = JSON.createObjectNode().put("sallyport", 1);
        int groups = 1 + random.nextInt(5);
        List<JsonNode> made = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            ObjectNode group = JSON.createObjectNode().put("name", "G" + i);
            rules(random, group, i);
            made.add(group);
        }
        Collections.shuffle(made, random);
        var lists = world.putArray("lists");
        var list = lists.addObject().put("name", "L").put("type", "EMAIL").putArray("items");
        for (int i = random.nextInt(4); i > 0; i--) {
            list.add("p" + i + "@example.com");
        }
        world.putArray("identity_providers").addObject().put("name", "Mail").put("type", "onetimepin");
        world.putArray("tags").add("t0").add("t1");
        world.putArray("service_tokens");
        var groupArray = world.putArray("groups");
        made.forEach(groupArray::add);
        var policies = world.putArray("policies");
        int reusable = 1 + random.nextInt(4);
        for (int i = 0; i < reusable; i++) {
            policies.add(policy(random, "P" + i, groups));
        }
        var apps = world.putArray("applications");
        var origins = world.putArray("origins");
        for (int i = random.nextInt(6); i > 0; i--) {
            ObjectNode app = apps.addObject()
                    .put("name", "App " + i)
                    .put("type", "self_hosted")
                    .put(
                            "domain",
                            "h" + random.nextInt(3) + "-" + i + ".example.com" + (random.nextBoolean() ? "/x" : ""));
            if (random.nextBoolean()) {
                app.put("session_duration", "1h").put("enable_binding_cookie", random.nextBoolean());
                app.putArray("tags").add("t1");
                app.putArray("allowed_idps").add("Mail");
            }
            var attached = app.putArray("policies");
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, reusable).boxed().toList());
            Collections.shuffle(order, random);
            order.stream().limit(random.nextInt(reusable + 1)).forEach(p -> attached.add("P" + p));
            for (int own = random.nextInt(3); own > 0; own--) {
                attached.add(policy(random, random.nextBoolean() ? "Own" : "Own " + own, groups));
            }
            if (random.nextBoolean()) {
                origins.addObject()
                        .put("hostname", "h-" + i + ".example.com")
                        .put("service", "http://10.0.0." + i + ":80")
                        .putObject("origin_request")
                        .put("noTLSVerify", true);
            }
        }
        return world.toString();
    }

    private static ObjectNode policy(Random random, String name, int groups) {
        ObjectNode policy =
                JSON.createObjectNode().put("name", name).put("decision", random.nextBoolean() ? "allow" : "deny");
        rules(random, policy, groups);
        if (random.nextInt(4) == 0) {
            policy.put("sallyport_report_only", true);
        }
        return policy;
    }

    private static void rules(Random random, ObjectNode object, int groups) {
        for (String each : List.of("include", "exclude", "require")) {
            int count = each.equals("include") ? 1 + random.nextInt(2) : random.nextInt(2);
            if (count > 0) {
                var array = object.putArray(each);
                for (int i = 0; i < count; i++) {
                    array.add(rule(random, groups));
                }
            }
        }
    }

    private static ObjectNode rule(Random random, int groups) {
        ObjectNode rule = JSON.createObjectNode();
        switch (random.nextInt(groups == 0 ? 4 : 5)) {
            case 0 -> rule.putObject("email").put("email", "P" + random.nextInt(3) + "@Example.com");
            case 1 -> rule.putObject("email_list").put("name", "L");
            case 2 -> rule.putObject("login_method").put("name", "Mail");
            case 3 -> rule.putObject("ip").put("ip", "10.0.0." + random.nextInt(9));
            default -> rule.putObject("group").put("name", "G" + random.nextInt(groups));
        }
        return rule;
    }
}
