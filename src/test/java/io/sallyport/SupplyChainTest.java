package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** What we are made of: the promises SU-01 to SU-04, looked for where they are kept. */
class SupplyChainTest {
    private static final Path WORKFLOWS = Path.of(".github/workflows");

    @Test
    void su01_eachBuildWritesWhatItIsMadeOfAndIsSearchedForKnownFlaws() throws IOException {
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<artifactId>cyclonedx-maven-plugin</artifactId>");
        assertThat(steps("verify.yml"))
                .filteredOn(step -> String.valueOf(step.get("uses")).startsWith("anchore/scan-action@"))
                .singleElement()
                .satisfies(step -> assertThat(step.get("with"))
                        .isEqualTo(Map.of(
                                "sbom", "target/classes/META-INF/sbom/application.cdx.json",
                                "severity-cutoff", "high",
                                "only-fixed", true,
                                "output-format", "table")));
    }

    @Test
    void su01_anExceptionHasAnEndAndAReason() throws IOException {
        Map<String, List<Map<String, String>>> exceptions = yaml(Path.of(".grype.yaml"));
        assertThat(exceptions.get("ignore"))
                .allSatisfy(each -> assertThat(each.get("reason"))
                        .as(String.valueOf(each))
                        .matches("until 20\\d\\d-\\d\\d-\\d\\d: .{20,}"));
    }

    @ParameterizedTest
    @CsvSource({
        "reactor.netty.http.server.HttpServer,                                    1.3.7",
        "reactor.core.publisher.Mono,                                             3.8.7",
        "org.springframework.security.web.server.SecurityWebFilterChain,          7.0.4",
        "org.springframework.cloud.gateway.filter.GlobalFilter,                   5.0.0"
    })
    void su02_noLibraryIsOlderThanItsLastKnownFlaw(String type, String floor) throws Exception {
        String jar = Path.of(Class.forName(type)
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .getFileName()
                .toString();
        assertThat(jar).satisfies(name -> assertThat(version(name)).isGreaterThanOrEqualTo(version(floor)));
    }

    @Test
    void su02_noPieceOfNettyIsOlderThanItsLastKnownFlaw() {
        assertThat(Version.identify().values())
                .filteredOn(piece -> !piece.artifactId().startsWith("netty-tcnative"))
                .isNotEmpty()
                .allSatisfy(piece -> assertThat(version(piece.artifactVersion()))
                        .as(piece.artifactId())
                        .isGreaterThanOrEqualTo(version("4.2.18")));
    }

    @Test
    void su03_versionsArePinned() throws IOException {
        List<String> versions = Pattern.compile("<(?:version|[\\w.-]+\\.version)>([^<]+)</")
                .matcher(Files.readString(Path.of("pom.xml")))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(versions)
                .hasSizeGreaterThan(30)
                .allSatisfy(each -> assertThat(each)
                        .matches("\\d[\\w.-]*|\\$\\{[\\w.-]+\\}|\\[25,26\\)") // the range is that of the JDK
                        .doesNotContainIgnoringCase("snapshot"));
    }

    @Test
    void su03_whatTheBuildStartsWithIsChecksummed() throws IOException {
        assertThat(Files.readAllLines(Path.of(".mvn/wrapper/maven-wrapper.properties")))
                .anyMatch(line -> line.matches("distributionUrl=https://.+"))
                .anyMatch(line -> line.matches("distributionSha256Sum=[0-9a-f]{64}"));
        try (Stream<Path> workflows = Files.list(WORKFLOWS)) {
            for (Path workflow : workflows.toList()) {
                assertThat(Files.readAllLines(workflow).stream().filter(line -> line.contains("uses:")))
                        .as(workflow.toString())
                        .isNotEmpty()
                        .allMatch(line -> line.matches(".*uses: [\\w./-]+@[0-9a-f]{40} # v[\\d.]+"));
            }
        }
    }

    /** HelmChartTest sees to the read-only tree. */
    @Test
    void su03_theImageRunsAsNobodyInParticular() throws IOException {
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<user>1000:1000</user>");
    }

    /** ArchitectureTest sees to the classes. */
    @Test
    void su03_foreignDataIsNeverCode() throws IOException {
        try (Stream<Path> templates = Files.walk(Path.of("src/main/resources/templates"))) {
            for (Path template : templates.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(template))
                        .as("%s: what stands between __ is evaluated twice", template)
                        .doesNotContain("__$");
            }
        }
    }

    @Test
    void su04_readersOfHostileInputAreFuzzedForTenMinutes() throws IOException {
        String script = Files.readString(Path.of(".ci/fuzz"));
        Matcher tests = Pattern.compile("tests=(\\S+)").matcher(script);
        assertThat(tests.find()).isTrue();
        assertThat(tests.group(1).split(","))
                .contains(
                        "RequestTargetPropertyTest",
                        "CookieFuzzTest",
                        "TokenFuzzTest",
                        "ResponseMutationTest",
                        "PolicyJsonFuzzTest",
                        "WireFuzzTest");
        for (String test : tests.group(1).split(",")) {
            try (Stream<Path> sources = Files.walk(Path.of("src/test/java"))) {
                assertThat(sources).as(test).anyMatch(file -> file.endsWith(test + ".java"));
            }
        }
        assertThat(script).contains("SECONDS < ${FUZZ_SECONDS:-600}");
        assertThat(steps("fuzz.yml")).anyMatch(step -> "bash .ci/fuzz".equals(step.get("run")));
    }

    private static VersionNumber version(String text) {
        Matcher numbers = Pattern.compile("\\d+(\\.\\d+)+").matcher(text);
        assertThat(numbers.find()).as(text).isTrue();
        return new VersionNumber(Arrays.stream(numbers.group().split("\\."))
                .mapToInt(Integer::parseInt)
                .toArray());
    }

    private record VersionNumber(int[] numbers) implements Comparable<VersionNumber> {
        @Override
        public int compareTo(VersionNumber other) {
            return Arrays.compare(numbers, other.numbers);
        }
    }

    private static List<Map<String, Object>> steps(String workflow) throws IOException {
        Map<String, Map<String, Map<String, List<Map<String, Object>>>>> whole = yaml(WORKFLOWS.resolve(workflow));
        return whole.get("jobs").values().stream()
                .flatMap(job -> job.get("steps").stream())
                .toList();
    }

    private static <T> T yaml(Path file) throws IOException {
        return new Yaml().load(Files.readString(file));
    }
}
