package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart in {@code helm/sallyport}, rendered by Helm and read as a cluster would read it. */
class HelmChartTest {
    private static final Path CHART = Path.of("helm/sallyport");
    private static final Path MINIMAL = CHART.resolve("ci/minimal-values.yaml");
    private static final Path FULL = CHART.resolve("ci/full-values.yaml");

    @Test
    void lintIsSilentInStrictMode() {
        var result = new Helm(CHART).lint().strict().call();

        assertThat(result.isFailed())
                .as(String.join("\n", result.getMessages()))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void podIsConfinedWhateverTheValues(String values) {
        JsonNode pod = pod(values(values));
        JsonNode container = pod.at("/containers/0");

        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asInt()).isPositive();
        assertThat(pod.at("/securityContext/seccompProfile/type").asString()).isEqualTo("RuntimeDefault");
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                .isFalse();
        assertThat(container.at("/securityContext/capabilities").toString()).isEqualTo("{\"drop\":[\"ALL\"]}");
        assertThat(container.at("/resources/limits/memory").isMissingNode()).isFalse();
        assertThat(pod.has("hostNetwork") || pod.has("hostPID") || pod.has("hostIPC"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void podGetsNoKubernetesTokenAndNoServiceVariables(String values) {
        List<JsonNode> objects = render(values(values));

        assertThat(pod(objects).get("automountServiceAccountToken").asBoolean(true))
                .isFalse();
        assertThat(one(objects, "ServiceAccount")
                        .get("automountServiceAccountToken")
                        .asBoolean(true))
                .isFalse();
        // A Service named sallyport-http would set SALLYPORT_HTTP_PORT to tcp://…
        assertThat(pod(objects).get("enableServiceLinks").asBoolean(true)).isFalse();
    }

    @Test
    void secretsAreNeitherGeneratedNorInTheEnvironment() {
        assertThat(render(MINIMAL)).noneMatch(object -> kind(object).equals("Secret"));

        List<JsonNode> full = render(FULL);
        assertThat(one(full, "Secret").get("data").propertyNames())
                .containsExactlyInAnyOrder("admin-token", "database-password", "mail-password", "master-key");
        assertThat(one(full, "Deployment").toString()).doesNotContain("example-");
    }

    @Test
    void renderingTwiceGivesTheSame() {
        assertThat(template(FULL).call()).isEqualTo(template(FULL).call());
    }

    @ParameterizedTest
    @CsvSource({
        "image.repository, image.repository is not set",
        "authDomain, authDomain and consoleDomain are not set",
        "database.url, database.url is not set: replicas share one external PostgreSQL",
        "database.existingSecret, database.existingSecret is not set",
        "masterKey.existingSecret, masterKey.existingSecret is not set",
        "adminToken.existingSecret, adminToken.existingSecret is not set",
    })
    void missingValueIsNamed(String key, String message) {
        assertThatThrownBy(() -> template(MINIMAL).set(key, "").call()).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "databse.url, jdbc:postgresql://db/sallyport",
        "database.url, jdbc:postgresql://db/sallyport?password=secret",
        "database.url, jdbc:mysql://db/sallyport",
        "masterKey.value, dG9vIHNob3J0",
        "adminToken.value, short",
        "replicas, 0",
    })
    void schemaRefuses(String key, String value) {
        assertThatThrownBy(() -> template(MINIMAL).set(key, value).call())
                .hasMessageContaining("values don't meet the specifications of the schema");
    }

    @Test
    void gracePeriodHoldsAnnouncementAndDrain() {
        JsonNode pod = pod(FULL);
        int announce = pod.at("/containers/0/lifecycle/preStop/sleep/seconds").asInt();
        Duration drain = Duration.parse("PT" + environment(pod).get("SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE"));

        assertThat(announce).isEqualTo(10);
        assertThat(pod.get("terminationGracePeriodSeconds").asLong()).isGreaterThan(announce + drain.toSeconds());
    }

    @Test
    void probesAskTheManagementPort() {
        JsonNode container = pod(MINIMAL).at("/containers/0");

        assertThat(container.at("/livenessProbe/httpGet").toString()).contains("/livez", "management");
        assertThat(container.at("/startupProbe/httpGet").toString()).contains("/livez", "management");
        assertThat(container.at("/readinessProbe/httpGet").toString()).contains("/readyz", "management");
        assertThat(environment(pod(MINIMAL)))
                .containsEntry("MANAGEMENT_SERVER_ADDRESS", "0.0.0.0")
                .containsEntry("SALLYPORT_MANAGEMENT_PORT", "9090");
    }

    @Test
    void serviceForTheOutsideCarriesOnlyTheFrontDoor() {
        JsonNode service = render(FULL).stream()
                .filter(object -> kind(object).equals("Service"))
                .filter(object -> object.at("/metadata/name").asString().equals("gate"))
                .findAny()
                .orElseThrow();

        assertThat(service.at("/spec/ports")).hasSize(1);
        assertThat(service.at("/spec/ports/0/targetPort").asString()).isEqualTo("http");
    }

    @Test
    void podsReachEachOtherOnAPortThatNoServiceCarries() {
        List<JsonNode> full = parse(template(FULL)
                .set("networkPolicy.egress[0].to[0].ipBlock.cidr", "10.9.0.0/16")
                .call());
        assertThat(environment(pod(full)))
                .containsEntry("SALLYPORT_TUNNEL_ENABLED", "true")
                .containsEntry("SALLYPORT_REPLICA_ENABLED", "true")
                .containsEntry("SALLYPORT_REPLICA_PORT", "7845")
                .containsEntry("SALLYPORT_REPLICA_ADDRESS", "status.podIP");
        assertThat(pod(full).at("/containers/0/ports").toString()).contains("7845");
        assertThat(full)
                .filteredOn(object -> kind(object).equals("Service"))
                .noneMatch(service -> service.get("spec").toString().matches(".*(7845|replica).*"));
        JsonNode policy = one(full, "NetworkPolicy").get("spec");
        for (String direction : List.of("ingress", "egress")) {
            assertThat(stream(policy.get(direction))
                            .filter(rule -> rule.get("ports") != null
                                    && rule.get("ports").toString().contains("replica"))
                            .toList())
                    .as(direction)
                    .singleElement()
                    .matches(rule -> rule.toString().contains("podSelector"));
        }
    }

    @Test
    void certificatesAndAFormerMasterKeyComeFromSecrets() {
        List<JsonNode> objects = parse(template(FULL)
                .set("tls.existingSecret", "gate-tls")
                .set("tunnel.existingSecret", "tunnel-tls")
                .set("masterKey.formerExistingSecret", "old-key")
                .call());
        JsonNode pod = pod(objects);
        assertThat(environment(pod))
                .containsEntry("SALLYPORT_TLS_CERTIFICATE", "/etc/sallyport/tls/tls.crt")
                .containsEntry("SALLYPORT_HTTPS_PORT", "8443")
                .containsEntry("SALLYPORT_TUNNEL_KEY", "/etc/sallyport/tunnel-tls/tls.key")
                .containsEntry("SALLYPORT_FORMER_MASTER_KEY_FILES", "/etc/sallyport/former/master-key");
        List<String> mounted = stream(pod.at("/containers/0/volumeMounts"))
                .map(mount -> mount.get("name").asString())
                .toList();
        assertThat(stream(pod.get("volumes")).map(volume -> volume.get("name").asString()))
                .containsExactlyInAnyOrderElementsOf(mounted)
                .contains("tls", "tunnel-tls", "former-master-key");
        assertThat(objects)
                .filteredOn(object -> object.at("/metadata/name").asString().equals("gate")
                        && kind(object).equals("Service"))
                .singleElement()
                .satisfies(service -> assertThat(
                                service.at("/spec/ports/1/targetPort").asString())
                        .isEqualTo("https"));
        assertThat(one(objects, "NetworkPolicy").at("/spec/ingress/0/ports").toString())
                .contains("https");
    }

    @Test
    void aBalancerWithoutUdpGetsNone() {
        List<JsonNode> objects = parse(template(FULL)
                .set("tunnel.quic", "false")
                .set("tunnel.service.externalTrafficPolicy", "Local")
                .call());
        assertThat(objects.toString()).doesNotContain("UDP\",\"name\":\"tunnel").doesNotContain("tunnel-quic");
        assertThat(objects)
                .filteredOn(object -> object.at("/metadata/name").asString().equals("gate-tunnel"))
                .singleElement()
                .satisfies(service -> assertThat(
                                service.at("/spec/externalTrafficPolicy").asString())
                        .isEqualTo("Local"));
    }

    @Test
    void aSchemeAndAPortThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> template(MINIMAL).set("publicScheme", "http").call())
                .hasMessageContaining("publicPort is 443 while publicScheme is http");
    }

    @Test
    void withoutTunnelsNeitherConnectorsNorReplicasAreServed() {
        JsonNode pod = pod(MINIMAL);
        assertThat(environment(pod))
                .containsEntry("SALLYPORT_TUNNEL_ENABLED", "false")
                .containsEntry("SALLYPORT_REPLICA_ENABLED", "false")
                .doesNotContainKeys("SALLYPORT_TUNNEL_PORT", "SALLYPORT_REPLICA_PORT");
        assertThat(pod.at("/containers/0/ports").toString()).doesNotContain("7844", "7845");
    }

    @Test
    void consoleIsNotInTheIngressUnlessAskedFor() {
        String hidden = template(FULL).set("ingress.exposeConsole", "false").call();

        assertThat(one(render(FULL), "Ingress").get("spec").get("rules").toString())
                .contains("console.example.com");
        assertThat(one(parse(hidden), "Ingress").get("spec").get("rules").toString())
                .contains("auth.example.com", "*.apps.example.com")
                .doesNotContain("console.example.com");
    }

    /** The names in the pod are the names that the server reads: bound by Spring, from the variables and files of the pod. */
    @Test
    void serverReadsWhatThePodIsGiven(@TempDir Path mount) throws IOException {
        JsonNode pod = pod(FULL);
        String mountPath = "/etc/sallyport/secrets";
        mountSecrets(pod, one(render(FULL), "Secret"), mount);
        Map<String, Object> variables = new HashMap<>();
        environment(pod).forEach((name, value) -> variables.put(name, value.replace(mountPath, mount.toString())));

        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace("systemEnvironment", new SystemEnvironmentPropertySource("systemEnvironment", variables));
        ConfigDataEnvironmentPostProcessor.applyTo(environment);
        Binder binder = Binder.get(environment);

        assertThat(binder.bind("sallyport", Seen.class).get())
                .isEqualTo(new Seen(
                        "auth.example.com",
                        "console.example.com",
                        "https",
                        443,
                        List.of("10.0.0.0/8", "fd00::/8"),
                        "/var/lib/sallyport",
                        mount.resolve("master-key").toString(),
                        "example-admin-token-0123456789"));
        assertThat(binder.bind("sallyport.outbound.allow", String[].class).get())
                .containsExactly("idp.internal", "10.1.0.0/16");
        assertThat(Map.of(
                        "spring.datasource.password", "example-database-password",
                        "spring.datasource.username", "sallyport",
                        "spring.mail.password", "example-mail-password",
                        "spring.mail.host", "smtp.example.com",
                        "sallyport.mail.from", "gate@example.com",
                        "sallyport.notify.url", "jdbc:postgresql://primary.data.svc:5432/sallyport",
                        "spring.lifecycle.timeout-per-shutdown-phase", "120s",
                        "management.server.address", "0.0.0.0",
                        "management.server.port", "9090",
                        "server.port", "8080"))
                .allSatisfy((property, value) -> assertThat(
                                binder.bind(property, String.class).orElse("unset"))
                        .as(property)
                        .isEqualTo(value));
        assertThat(binder.bind("spring.mail.properties", Bindable.mapOf(String.class, String.class))
                        .get())
                .containsEntry("mail.smtp.starttls.enable", "true")
                .containsEntry("mail.smtp.starttls.required", "true")
                .containsEntry("mail.smtp.auth", "true");
        assertThat(Files.readString(mount.resolve("master-key"))).hasSize(44);
    }

    record Seen(
            String authDomain,
            String consoleDomain,
            String publicScheme,
            int publicPort,
            List<String> trustedProxies,
            String dataDir,
            String masterKeyFile,
            String adminToken) {}

    @Test
    void everyValueIsExplainedAndInTheSchema() throws IOException {
        List<String> lines = Files.readAllLines(CHART.resolve("values.yaml"));
        for (int i = 1; i < lines.size(); i++) {
            boolean leaf = lines.get(i).matches(" *[A-Za-z]+: .*");
            boolean inResources = lines.get(i).matches(" {4}(cpu|memory): .*");
            if (leaf && !inResources) {
                assertThat(lines.get(i - 1).strip())
                        .as("above: " + lines.get(i))
                        .startsWith("#");
            }
        }
        JsonNode schema = new JsonMapper().readTree(Files.readString(CHART.resolve("values.schema.json")));
        List<String> documented = new ArrayList<>(
                parse(Files.readString(CHART.resolve("values.yaml"))).getFirst().propertyNames());
        documented.add("global");
        assertThat(schema.get("properties").propertyNames()).containsExactlyInAnyOrderElementsOf(documented);
    }

    private static void mountSecrets(JsonNode pod, JsonNode secret, Path mount) throws IOException {
        JsonNode volume = stream(pod.get("volumes"))
                .filter(candidate -> candidate.get("name").asString().equals("secrets"))
                .findAny()
                .orElseThrow();
        for (JsonNode source : volume.at("/projected/sources")) {
            assertThat(source.at("/secret/name").asString())
                    .isEqualTo(secret.at("/metadata/name").asString());
            for (JsonNode item : source.at("/secret/items")) {
                Path file = mount.resolve(item.get("path").asString());
                Files.createDirectories(file.getParent());
                Files.write(
                        file, secret.get("data").get(item.get("key").asString()).binaryValue());
            }
        }
    }

    private static Path values(String name) {
        return name.equals("full") ? FULL : MINIMAL;
    }

    private static TemplateCommand template(Path values) {
        return new Helm(CHART)
                .template()
                .withName("gate")
                .withNamespace("edge")
                .withKubeVersion("1.35.0")
                .withValuesFile(values);
    }

    private static List<JsonNode> render(Path values) {
        return parse(template(values).call());
    }

    private static List<JsonNode> parse(String manifests) {
        JsonMapper json = new JsonMapper();
        return StreamSupport.stream(new Yaml().loadAll(manifests).spliterator(), false)
                .filter(document -> document != null)
                .map(document -> json.<JsonNode>valueToTree(document))
                .toList();
    }

    private static JsonNode pod(Path values) {
        return pod(render(values));
    }

    private static JsonNode pod(List<JsonNode> objects) {
        return one(objects, "Deployment").at("/spec/template/spec");
    }

    private static JsonNode one(List<JsonNode> objects, String kind) {
        return objects.stream()
                .filter(object -> kind(object).equals(kind))
                .findAny()
                .orElseThrow(() -> new AssertionError("no " + kind));
    }

    private static String kind(JsonNode object) {
        return object.get("kind").asString();
    }

    private static Map<String, String> environment(JsonNode pod) {
        Map<String, String> variables = new HashMap<>();
        for (JsonNode variable : pod.at("/containers/0/env")) {
            JsonNode field = variable.at("/valueFrom/fieldRef/fieldPath");
            variables.put(
                    variable.get("name").asString(),
                    field.isMissingNode() ? variable.get("value").asString() : field.asString());
        }
        return variables;
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
