package io.sallyport.control;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one file is the entire configuration. Every table there is, is named here: with the section of the file that holds it, or with
 * the reason why none does. What is said to be held is made, exported, taken away and made again from the export.
 */
class WholeConfigurationIT {
    /** Tables and their sections. */
    private static final Map<String, ConfigKind> HELD = Map.ofEntries(
            entry("organization", ConfigKind.ORGANIZATION),
            entry("key_settings", ConfigKind.KEYS),
            entry("tags", ConfigKind.TAGS),
            entry("lists", ConfigKind.LISTS),
            entry("list_items", ConfigKind.LISTS),
            entry("identity_providers", ConfigKind.IDENTITY_PROVIDERS),
            entry("service_tokens", ConfigKind.SERVICE_TOKENS),
            entry("workload_issuers", ConfigKind.WORKLOAD_ISSUERS),
            entry("certificates", ConfigKind.CERTIFICATES),
            entry("certificate_settings", ConfigKind.CERTIFICATE_SETTINGS),
            entry("custom_pages", ConfigKind.CUSTOM_PAGES),
            entry("access_groups", ConfigKind.GROUPS),
            entry("policies", ConfigKind.POLICIES),
            entry("applications", ConfigKind.APPLICATIONS),
            entry("application_destinations", ConfigKind.APPLICATIONS),
            entry("application_policies", ConfigKind.APPLICATIONS),
            entry("tunnels", ConfigKind.TUNNELS),
            entry("tunnel_configurations", ConfigKind.TUNNELS),
            entry("tunnel_hostnames", ConfigKind.TUNNELS),
            entry("zones", ConfigKind.ZONES),
            entry("dns_records", ConfigKind.DNS_RECORDS),
            entry("origins", ConfigKind.ORIGINS),
            entry("hostname_claims", ConfigKind.ORIGINS));

    private static final String HISTORY = "what happened, not what shall be";
    private static final String KEYS = "keys and secrets that are made here and leave in no file";
    private static final String PEOPLE = "who signed in, and with what: it comes and goes by itself";
    private static final String DIRECTORY = "what a directory tells by SCIM, and tells again";
    private static final String FLEETING = "notes of a few minutes, about work under way";

    /** Tables that are not configuration, or must not be in a file, and why. */
    private static final Map<String, String> NOT_HELD = Map.ofEntries(
            entry("flyway_schema_history", "the state of the schema"),
            entry("account", "which gateway this is: made once, and another gateway is another"),
            entry("config_version", "counts the changes of all else"),
            entry(
                    "admin_tokens",
                    "who may apply a file at all: in the file, whoever may write it would give themselves every right"),
            entry("retired_bootstrap_tokens", "the same: a file could open again what was closed"),
            entry("users", PEOPLE),
            entry("sessions", PEOPLE),
            entry("session_apps", PEOPLE),
            entry("provider_sessions", PEOPLE),
            entry("app_passes", PEOPLE),
            entry("otp_devices", PEOPLE),
            entry("revocations", HISTORY),
            entry("audit_log", HISTORY),
            entry("audit_head", HISTORY),
            entry("audit_checkpoints", HISTORY),
            entry("auth_events", HISTORY),
            entry("decisions", HISTORY),
            entry("scim_updates", HISTORY),
            entry("tunnel_disconnects", HISTORY),
            entry("signing_keys", KEYS),
            entry("audit_keys", KEYS),
            entry("saml_certificates", KEYS),
            entry("scim_secrets", KEYS),
            entry("tunnel_authority", KEYS),
            entry("replica_authority", KEYS),
            entry("tunnel_management_key", KEYS),
            entry("scim_users", DIRECTORY),
            entry("scim_groups", DIRECTORY),
            entry("scim_members", DIRECTORY),
            entry("edge_replicas", FLEETING),
            entry("tunnel_connectors", FLEETING),
            entry("tunnel_connections", FLEETING),
            entry("tunnel_logins", FLEETING),
            entry("dns_updates", FLEETING),
            entry("cli_transfers", FLEETING),
            entry("consumed_nonces", FLEETING),
            entry("otp_challenges", FLEETING),
            entry("otp_requests", FLEETING),
            entry("saml_relay_states", FLEETING),
            entry("saml_metadata_readings", "when what is in the providers was read, and is read next"),
            entry("policy_tests", FLEETING));

    /** What a gateway makes up itself, and another makes up otherwise. */
    private static final List<String> MADE_UP = List.of(
            "id",
            "seq",
            "aud",
            "revision",
            "version",
            "client_id",
            "secret",
            "secret_hash",
            "created_at",
            "updated_at",
            "expires_at",
            "holder");

    /** Ids and times within texts. */
    private static final Pattern UNLIKE = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
            + "|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[.0-9]*Z?");

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
        apply(nothing());
    }

    /** Every section there is, without an entry; one of each is back to what it was at the start. */
    private static ObjectNode nothing() {
        ObjectNode nothing = JsonMapper.shared().createObjectNode().put("sallyport", 1);
        for (ConfigKind kind : ConfigKind.values()) {
            if (kind.isSingle()) {
                nothing.putObject(kind.section());
            } else {
                nothing.putArray(kind.section());
            }
        }
        nothing.putObject(ConfigKind.ORGANIZATION.section()).put("name", "Sallyport");
        nothing.putObject(ConfigKind.KEYS.section()).put("key_rotation_interval_days", 42);
        return nothing;
    }

    private static ObjectNode export() {
        return (ObjectNode) admin.get("/sallyport/export");
    }

    private static JsonNode apply(ObjectNode file) {
        return admin.post("/sallyport/apply", file.toString());
    }

    private static JsonNode plan(ObjectNode file) {
        return admin.post("/sallyport/apply?dry_run=true", file.toString());
    }

    private static List<String> names(JsonNode list) {
        return list.valueStream()
                .map(each ->
                        each.get("kind").asString() + " " + each.get("name").asString())
                .toList();
    }

    private static Set<String> tables() {
        return new TreeSet<>(server.database()
                .jdbc()
                .sql(
                        "select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'")
                .query(String.class)
                .list());
    }

    @Test
    @DisplayName("every table is in the file, or is named with the reason why not")
    void everyTableIsAccountedFor() {
        Set<String> known = new TreeSet<>(HELD.keySet());
        known.addAll(NOT_HELD.keySet());

        assertThat(tables()).isEqualTo(known);
        assertThat(HELD).doesNotContainKeys(NOT_HELD.keySet().toArray(String[]::new));
        assertThat(EnumSet.copyOf(HELD.values())).containsExactly(ConfigKind.values());
    }

    /** The sections that hold what a token scoped to this kind may change; empty for what is no configuration. */
    private static Set<ConfigKind> sections(ResourceKind kind) {
        return switch (kind) {
            case APPLICATIONS -> Set.of(ConfigKind.APPLICATIONS);
            case POLICIES -> Set.of(ConfigKind.POLICIES);
            case GROUPS -> Set.of(ConfigKind.GROUPS);
            case IDENTITY_PROVIDERS -> Set.of(ConfigKind.IDENTITY_PROVIDERS);
            case SERVICE_TOKENS -> Set.of(ConfigKind.SERVICE_TOKENS, ConfigKind.WORKLOAD_ISSUERS);
            case CERTIFICATES -> Set.of(ConfigKind.CERTIFICATES, ConfigKind.CERTIFICATE_SETTINGS);
            case KEYS -> Set.of(ConfigKind.KEYS);
            case ORGANIZATION -> Set.of(ConfigKind.ORGANIZATION);
            case TAGS -> Set.of(ConfigKind.TAGS);
            case CUSTOM_PAGES -> Set.of(ConfigKind.CUSTOM_PAGES);
            case LISTS -> Set.of(ConfigKind.LISTS);
            case ORIGINS -> Set.of(ConfigKind.ORIGINS);
            case TUNNELS -> Set.of(ConfigKind.TUNNELS);
            case DNS -> Set.of(ConfigKind.ZONES, ConfigKind.DNS_RECORDS);
            // the reasons stand with the tables
            case ACCOUNT, USERS, TUNNEL_TOKENS, LOGS, AUDIT, CONFIGURATION, API_TOKENS -> Set.of();
        };
    }

    @Test
    @DisplayName("every kind that the API can change is in the file, or is none of it")
    void everyKindOfTheApiIsAccountedFor() {
        EnumSet<ConfigKind> held = EnumSet.noneOf(ConfigKind.class);
        Arrays.stream(ResourceKind.values()).forEach(kind -> held.addAll(sections(kind)));

        assertThat(held).containsExactly(ConfigKind.values());
    }

    private static ObjectNode world() {
        ObjectNode world = (ObjectNode) JsonMapper.shared().readTree("""
                {"sallyport":1,
                 "organization":{"name":"Sallyport","session_duration":"10h","login_design":{"header_text":"Staff"},"custom_pages":{"forbidden":"No entry"}},
                 "keys":{"key_rotation_interval_days":90},
                 "tags":["engineering"],
                 "lists":[{"name":"Contractors","type":"EMAIL","description":"until May","items":["eve@elsewhere.example",{"value":"bob@elsewhere.example","description":"May"}]}],
                 "identity_providers":[{"name":"Mail","type":"onetimepin"},
                   {"name":"Okta","type":"okta","config":{"client_id":"abc","client_secret":"s3cret","okta_account":"https://example.okta.com"},
                    "scim_config":{"enabled":true,"user_deprovision":true,"identity_update_behavior":"automatic"}}],
                 "service_tokens":[{"name":"CI","duration":"8760h"},{"name":"Old","duration":"forever","enabled":false}],
                 "workload_issuers":[{"name":"Build","issuer":"https://build.example","jwks_url":"https://build.example/keys","audience":"deploy","single_use":false}],
                 "certificate_settings":[{"hostname":"a.example.com","client_certificate_forwarding":true},{"hostname":"b.example.com"}],
                 "custom_pages":[{"name":"No entry","type":"forbidden","custom_html":"<p>no</p>"}],
                 "groups":[{"name":"Staff","include":[{"okta":{"identity_provider":"Okta","name":"staff"}},{"email_list":{"name":"Contractors"}}]}],
                 "policies":[{"name":"Known people","decision":"allow","include":[{"group":{"name":"Staff"}}],"session_duration":"2h",
                    "approval_groups":[{"approvals_needed":1,"email_list":"Contractors"}]},
                   {"name":"Robots","decision":"non_identity","include":[{"service_token":{"name":"CI"}},{"workload":{"issuer":"Build","claims":{"ref":"main"}}}]}],
                 "applications":[{"name":"Wiki","type":"self_hosted","domain":"wiki.example.com","tags":["engineering"],"allowed_idps":["Okta"],
                    "destinations":[{"type":"public","uri":"wiki.example.com"},{"type":"public","uri":"docs.example.com/x"}],
                    "custom_pages":["No entry"],"scim_config":{"enabled":false,"remote_uri":"https://wiki.example.com/scim","identity_provider":"Okta"},
                    "policies":["Known people",{"name":"Not Eve","decision":"deny","include":[{"email":{"email":"eve@elsewhere.example"}}]},"Robots"]},
                   {"name":"Status","type":"bookmark","domain":"https://status.example.com"}],
                 "tunnels":[{"name":"home","hostnames":["nas.example.com",{"hostname":"tv.example.com","comment":"the one upstairs","tags":["floor:1"]}],
                    "config":{"ingress":[{"hostname":"cam.example.com","service":"http://127.0.0.1:8096"},{"service":"http_status:404"}]}},
                   {"name":"office"}],
                 "zones":[{"name":"example.com"},{"name":"corp","paused":true,"type":"partial"}],
                 "dns_records":[{"type":"A","name":"www.example.com","content":"192.0.2.1","proxied":true},
                   {"type":"A","name":"www.example.com","content":"192.0.2.2","ttl":300,"comment":"the other"},
                   {"type":"MX","name":"example.com","content":"mail.example.com","priority":10},
                   {"type":"SRV","name":"_sip._tcp.example.com","data":{"priority":1,"weight":2,"port":5060,"target":"sip.example.com"},"priority":1},
                   {"type":"CNAME","name":"shop.example.com","content":"shops.example.net","tags":["team:shop"]},
                   {"type":"A","name":"corp","content":"192.0.2.9"}],
                 "origins":[{"hostname":"wiki.example.com","path":"/docs","service":"http://10.0.0.5:3000","origin_request":{"noTLSVerify":true}}]}""");
        world.putArray("certificates")
                .addObject()
                .put("name", "Devices")
                .put("certificate", Api.authority())
                .put("revocation", "soft")
                .putArray("associated_hostnames")
                .add("a.example.com");
        return world;
    }

    /** The rows of a table without what a gateway makes up itself. */
    private static List<String> rows(String table) {
        return server
                .database()
                .jdbc()
                .sql("select to_jsonb(t) - cast(? as text[]) from " + table + " t " + living(table))
                .param(MADE_UP.toArray(String[]::new))
                .query(String.class)
                .list()
                .stream()
                .map(row -> UNLIKE.matcher(row).replaceAll("…"))
                .sorted()
                .toList();
    }

    /** A deleted tunnel stays readable, and is no configuration any more. */
    private static String living(String table) {
        return switch (table) {
            case "tunnels" -> "where deleted_at is null";
            case "tunnel_configurations" -> "where tunnel_id in (select id from tunnels where deleted_at is null)";
            default -> "";
        };
    }

    private static Map<String, List<String>> everything() {
        Map<String, List<String>> everything = new TreeMap<>();
        HELD.keySet().forEach(table -> everything.put(table, rows(table)));
        return everything;
    }

    @Test
    @DisplayName("what is exported makes the same rows again where there are none")
    void theExportMakesTheSameRowsAgain() {
        Map<String, List<String>> before = everything();
        ObjectNode world = world();
        JsonNode planned = plan(world);
        JsonNode made = apply(world);
        assertThat(names(made.get("created"))).isEqualTo(names(planned.get("created")));
        Map<String, List<String>> there = everything();
        HELD.keySet()
                .forEach(table -> assertThat(there.get(table))
                        .as("%s is made by a file that has all there is", table)
                        .isNotEmpty()
                        .isNotEqualTo(before.get(table)));
        ObjectNode file = export();

        assertThat(apply(world).get("applied").asBoolean())
                .as("the file as it was written changes nothing")
                .isFalse();
        assertThat(apply(file).get("applied").asBoolean())
                .as("what is exported changes nothing")
                .isFalse();
        assertThat(everything()).isEqualTo(there);

        ObjectNode emptied = nothing();
        apply(emptied);
        assertThat(everything()).as("a file removes what it made").isEqualTo(before);

        apply(withSecrets(file));
        assertThat(export()).isEqualTo(file);
        assertThat(everything()).isEqualTo(there);
    }

    /** What the command line does: a secret in the place of its reference. */
    private static ObjectNode withSecrets(ObjectNode file) {
        ObjectNode resolved = file.deepCopy();
        resolved.path("identity_providers").forEach(provider -> {
            if (provider.path("config").path("client_secret").isObject()) {
                ((ObjectNode) provider.path("config")).put("client_secret", "s3cret");
            }
        });
        return resolved;
    }

    @Test
    @DisplayName("AD-05: what is made on the way is shown once, the first secret of a directory as well")
    void ad05CredentialsAreShownOnce() {
        JsonNode credentials = apply(world()).get("credentials");

        Map<String, JsonNode> byName = new HashMap<>();
        credentials.forEach(
                each -> byName.put(each.properties().iterator().next().getKey(), each));
        assertThat(byName).containsOnlyKeys("identity_provider", "service_token", "tunnel");
        assertThat(byName.get("identity_provider").get("scim_secret").asString())
                .startsWith("sallyport_scim_");
        assertThat(byName.get("identity_provider").get("scim_base_url").asString())
                .contains("/scim/");
        assertThat(export().toString()).doesNotContain("sallyport_scim_", "scim_base_url", "saml_certificate_set_id");
    }

    @Test
    @DisplayName("the schema that editors read fits what is exported, and describes every member of it")
    void theSchemaFitsTheExport() {
        apply(world());
        ObjectNode file = export();
        JsonNode schema = schema();

        assertThat(JsonShape.errors(schema, schema, file)).isEmpty();
        file.properties().stream()
                .filter(section -> section.getValue().isArray())
                .forEach(section -> section.getValue()
                        .forEach(each -> assertThat(described(schema, section.getKey()))
                                .as(section.getKey())
                                .containsAll(each.isObject() ? each.propertyNames() : Set.of())));
        file.set("zones", file.arrayNode().add(file.objectNode().put("paused", "yes")));
        assertThat(JsonShape.errors(schema, schema, file))
                .containsExactlyInAnyOrder("/zones/0 lacks \"name\"", "/zones/0/paused is no \"boolean\"");
    }

    private static Set<String> described(JsonNode schema, String section) {
        JsonNode items = schema.path("properties").path(section).path("items");
        JsonNode entry =
                items.has("$ref") ? schema.at(items.path("$ref").asString().substring(1)) : items;
        return Set.copyOf(entry.path("properties").propertyNames());
    }

    private static JsonNode schema() {
        try (InputStream in = Objects.requireNonNull(
                WholeConfigurationIT.class.getResourceAsStream("/schema/sallyport.schema.json"))) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void recordsZonesAndSettingsChangeWhereTheyAreAndArePlannedByField() {
        apply(world());
        ObjectNode file = export();
        String id = recordId("A", "corp");
        ((ObjectNode) named(file, "dns_records", "corp")).put("content", "192.0.2.10");
        ((ObjectNode) named(file, "zones", "corp")).remove("paused");
        ((ObjectNode) file.at("/keys")).put("key_rotation_interval_days", 30);
        ((ObjectNode) file.at("/certificate_settings/1")).put("client_certificate_forwarding", true);
        ((ObjectNode) file.at("/tunnels/0/hostnames/1")).put("comment", "the one downstairs");

        JsonNode plan = plan(file);

        assertThat(names(plan.get("changed")))
                .containsExactlyInAnyOrder(
                        "dns record A corp 192.0.2.10",
                        "zone corp",
                        "keys keys",
                        "certificate setting b.example.com",
                        "tunnel home");
        assertThat(plan.get("created")).isEmpty();
        assertThat(plan.get("removed")).isEmpty();
        apply(file);
        assertThat(export()).isEqualTo(file);
        assertThat(recordId("A", "corp")).as("it is the same record").isEqualTo(id);
        assertThat(apply(file).get("applied").asBoolean()).isFalse();
    }

    private static JsonNode named(ObjectNode file, String section, String name) {
        return file.path(section)
                .valueStream()
                .filter(each -> each.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String recordId(String type, String name) {
        return server.database()
                .jdbc()
                .sql("select id from dns_records where type = ? and name = ?")
                .params(type, name)
                .query(String.class)
                .single();
    }

    @Test
    void aNameThatLeadsToATunnelIsWrittenInOnePlace() {
        apply(world());
        String tunnel =
                admin.get("/cfd_tunnel?is_deleted=false&name=home").at("/0/id").asString();
        ObjectNode twice = export();
        twice.withArray("dns_records")
                .addObject()
                .put("type", "A")
                .put("name", "nas.example.com")
                .put("content", "192.0.2.1");
        ObjectNode alias = export();
        alias.withArray("dns_records")
                .addObject()
                .put("type", "CNAME")
                .put("name", "more.example.com")
                .put("content", tunnel + ".cfargotunnel.com");

        assertRefused(twice, "/dns_records/6/name", "a hostname of a tunnel");
        assertRefused(alias, "/dns_records/6/content", "among the tunnel's hostnames");
    }

    @Test
    @DisplayName("providers that share a set of certificates share it again elsewhere, where its keys are others")
    void setsOfCertificatesAreNamedByTheirProvider() {
        ObjectNode file = nothing();
        for (String name : List.of("Papers", "Spare papers")) {
            ObjectNode provider = file.withArray("identity_providers").addObject();
            provider.put("name", name).put("type", "saml").put("saml_certificate_set", "Papers");
            provider.putObject("config")
                    .put("issuer_url", "https://saml.example")
                    .put("sso_target_url", "https://saml.example/sso")
                    .put("enable_encryption", true)
                    .putArray("idp_public_certs")
                    .add(Api.authority());
        }

        apply(file);

        List<String> sets = server.database()
                .jdbc()
                .sql("select distinct body ->> 'saml_certificate_set_id' from identity_providers")
                .query(String.class)
                .list();
        assertThat(sets).hasSize(1).doesNotContainNull();
        ObjectNode exported = export();
        assertThat(exported.at("/identity_providers/1/saml_certificate_set").asString())
                .isEqualTo("Papers");
        assertThat(apply(exported).get("applied").asBoolean()).isFalse();
    }

    @Test
    void whatNobodyKnowsIsRefusedAtItsPlace() {
        ObjectNode keys = nothing();
        keys.putObject("keys").put("key_rotation_interval_days", 42).put("rotation", 3);
        assertRefused(keys, "/keys/rotation", "no setting");
        ObjectNode set = nothing();
        set.withArray("identity_providers")
                .addObject()
                .put("name", "Mail")
                .put("type", "onetimepin")
                .put("saml_certificate_set", "Nobody");
        assertRefused(set, "/identity_providers/0/saml_certificate_set", "names no identity provider");
        ObjectNode hosts = nothing();
        hosts.withArray("certificate_settings").addObject().put("hostname", "not a host");
        assertRefused(hosts, "/certificate_settings/0/hostname", "host name");
    }

    private static void assertRefused(ObjectNode file, String pointer, String words) {
        AdminClient.Answer answer = admin.call("POST", "/sallyport/apply", file.toString());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.envelope().at("/errors/0/source/pointer").asString()).isEqualTo(pointer);
        assertThat(answer.envelope().at("/errors/0/message").asString()).contains(words);
    }
}
