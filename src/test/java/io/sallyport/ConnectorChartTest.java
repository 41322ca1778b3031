package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.sallyport.cli.Commands;
import io.sallyport.cli.Terminal;
import io.sallyport.connector.ConnectorFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart in {@code helm/sallyport-connector}, rendered by Helm and read as a cluster and a connector would read it. */
class ConnectorChartTest {
    private static final Path CHART = Path.of("helm/sallyport-connector");
    private static final Path MINIMAL = CHART.resolve("ci/minimal-values.yaml");
    private static final Path FULL = CHART.resolve("ci/full-values.yaml");

    @Test
    void lintIsSilentInStrictMode() {
        var result = new Helm(CHART).lint().strict().call();

        assertThat(result.isFailed())
                .as(String.join("\n", result.getMessages()))
                .isFalse();
    }

    @Test
    void thePodIsConfinedAndKnowsNothingOfKubernetes() {
        JsonNode pod = pod(render(template(FULL)));
        JsonNode context = pod.at("/containers/0/securityContext");

        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/seccompProfile/type").asString()).isEqualTo("RuntimeDefault");
        assertThat(context.at("/readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(context.at("/capabilities").toString()).isEqualTo("{\"drop\":[\"ALL\"]}");
        assertThat(pod.get("automountServiceAccountToken").asBoolean(true)).isFalse();
        assertThat(pod.get("enableServiceLinks").asBoolean(true)).isFalse();
    }

    @Test
    void theConnectorKnowsEveryFlagItIsGiven() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        Commands.run(List.of("tunnel", "run", "--help"), Terminal.system(print, print));
        String help = out.toString(StandardCharsets.UTF_8);

        assertThat(arguments(FULL))
                .contains("tunnel", "run")
                .filteredOn(argument -> argument.startsWith("--"))
                .hasSizeGreaterThan(8)
                .allSatisfy(flag -> assertThat(help).contains(flag.substring(0, flag.indexOf('=') + 1)));
    }

    @Test
    void theTokenIsInAFileAndInNoArgument() {
        assertThat(arguments(MINIMAL))
                .contains("--token-file=/etc/sallyport/token/token")
                .noneMatch(argument -> argument.startsWith("--token="));
        assertThat(arguments(MINIMAL))
                .noneMatch(argument -> argument.contains("cacert") || argument.contains("config"));
    }

    @Test
    void itDialsWhereTheTokenSaysUnlessItIsToldOtherwise() {
        assertThat(arguments(MINIMAL)).noneMatch(argument -> argument.startsWith("--edge"));
        assertThat(arguments(FULL)).contains("--edge=gate.example.com:7844,gate2.example.com:7844");
    }

    @Test
    void itsRulesAreRulesThatTheConnectorRuns() {
        JsonNode map = render(template(FULL)).stream()
                .filter(object -> object.get("kind").asString().equals("ConfigMap"))
                .findAny()
                .orElseThrow();
        ConnectorFile file = ConnectorFile.parse(
                Path.of("config.yml"), map.get("data").get("config.yml").asString());

        assertThat(file.ingress().find("shop.example.com", "/")).contains(0);
    }

    @Test
    void aGatewayThatIsAwayRestartsNobody() {
        JsonNode container = pod(render(template(MINIMAL))).at("/containers/0");

        assertThat(container.at("/livenessProbe/httpGet/path").asString()).isEqualTo("/healthcheck");
        assertThat(container.at("/readinessProbe/httpGet/path").asString()).isEqualTo("/ready");
    }

    @Test
    void thePodOutlivesTheGraceOfItsRequests() {
        assertThat(arguments(FULL)).contains("--grace-period=60s");
        assertThat(pod(render(template(FULL)))
                        .get("terminationGracePeriodSeconds")
                        .asInt())
                .isEqualTo(75);
    }

    @ParameterizedTest
    @CsvSource({
        "image.repository, image.repository is not set",
        "token.existingSecret, token.existingSecret is not set",
    })
    void aMissingValueIsNamed(String key, String message) {
        assertThatThrownBy(() -> template(MINIMAL).set(key, "").call()).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"protocol, carrier-pigeon", "edge[0], gate.example.com", "tokn.key, x", "connections, 0"})
    void theSchemaRefuses(String key, String value) {
        assertThatThrownBy(() -> template(MINIMAL).set(key, value).call())
                .hasMessageContaining("values don't meet the specifications of the schema");
    }

    private static List<String> arguments(Path values) {
        return pod(render(template(values)))
                .at("/containers/0/args")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    private static TemplateCommand template(Path values) {
        return new Helm(CHART)
                .template()
                .withName("shop")
                .withNamespace("shops")
                .withKubeVersion("1.35.0")
                .withValuesFile(values);
    }

    private static List<JsonNode> render(TemplateCommand template) {
        JsonMapper json = new JsonMapper();
        return StreamSupport.stream(new Yaml().loadAll(template.call()).spliterator(), false)
                .filter(document -> document != null)
                .map(document -> json.<JsonNode>valueToTree(document))
                .toList();
    }

    private static JsonNode pod(List<JsonNode> objects) {
        return objects.stream()
                .filter(object -> object.get("kind").asString().equals("Deployment"))
                .findAny()
                .orElseThrow()
                .at("/spec/template/spec");
    }
}
