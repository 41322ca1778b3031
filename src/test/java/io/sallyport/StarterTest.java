package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The starter {@code src/main/bin/sallyport}, with a Java that only writes down what it is told to do. */
class StarterTest {
    /** Lays a jar open, trains a cache, or else says that it was called and ends with status 7. */
    private static final String JAVA = """
            #!/bin/sh
            echo "$*" >>"$CALLS"
            case "$*" in
                --version) echo "openjdk $FAKE_VERSION 2026-01-20" ;;
                -Djarmode=tools*) [ -z "${BROKEN:-}" ] && mkdir -p "$6/lib" && cp "$3" "$6/sallyport.jar" ;;
                *-XX:AOTCacheOutput=*)
                    for each; do
                        case "$each" in -XX:AOTCacheOutput=*) echo cache >"${each#*=}" ;; esac
                    done
                    echo "nothing listens there over TCP" >&2
                    ;;
                *) exit 7 ;;
            esac
            """;

    @TempDir
    private Path directory;

    private Path root;
    private Path jar;
    private Path prepared;

    /** @param calls of Java, in order */
    private record Run(int status, List<String> said, List<String> calls) {}

    @BeforeEach
    void install() throws IOException {
        root = directory.toRealPath().resolve("a checkout");
        jar = root.resolve("target/sallyport.jar");
        prepared = root.resolve("target/sallyport.d");
        Path script = root.resolve("src/main/bin/sallyport");
        Files.createDirectories(script.getParent());
        Files.copy(Path.of("src/main/bin/sallyport"), script, StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(jar.getParent());
        Files.writeString(jar, "first build");
    }

    @Test
    void theFirstStartPreparesAndTheNextUsesIt() throws Exception {
        Run first = run(jdk("25.0.3"), Map.of(), "tunnel", "list", "--name", "two words");
        assertThat(first.status()).as("the command's own").isEqualTo(7);
        assertThat(first.said()).isEmpty();
        assertThat(first.calls()).hasSize(3);
        assertThat(first.calls().get(0)).startsWith("-Djarmode=tools -jar " + jar + " extract");
        assertThat(first.calls().get(2))
                .contains("-XX:AOTCache=" + prepared.resolve("sallyport.aot"))
                .endsWith("-jar " + prepared.resolve("sallyport.jar") + " tunnel list --name two words");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(prepared)))
                .as("for those who did not prepare it, too")
                .isEqualTo("rwxr-xr-x");

        assertThat(run(jdk("25.0.3"), Map.of(), "version").calls())
                .singleElement()
                .asString()
                .endsWith(" version");
    }

    @Test
    void aNewBuildIsPreparedAnew() throws Exception {
        run(jdk("25.0.3"), Map.of(), "--prepare");
        Files.writeString(jar, "second build");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2999-01-01T00:00:00Z")));

        assertThat(run(jdk("25.0.3"), Map.of(), "--prepare").status()).isZero();
        assertThat(prepared.resolve("sallyport.jar")).hasContent("second build");
    }

    @Test
    void aServerStartsWithoutTheCacheOfTheCommandsAndThroughALink() throws Exception {
        run(jdk("25.0.3"), Map.of(), "--prepare");
        Path link = Files.createSymbolicLink(directory.resolve("sallyport"), root.resolve("src/main/bin/sallyport"));
        assertThat(run(link, jdk("25.0.3"), Map.of(), "gateway").calls())
                .singleElement()
                .asString()
                .doesNotContain("AOTCache")
                .endsWith("-jar " + prepared.resolve("sallyport.jar") + " gateway");
    }

    @Test
    void aServerHasTheParallelCollectorUnlessItsOperatorNamesAnother() throws Exception {
        run(jdk("25.0.3"), Map.of(), "--prepare");

        assertThat(run(jdk("25.0.3"), Map.of(), "gateway").calls())
                .singleElement()
                .asString()
                .containsOnlyOnce("GC")
                .contains("-XX:+UseParallelGC");
        assertThat(run(jdk("25.0.3"), Map.of("SALLYPORT_JAVA_OPTS", "-Xmx4g -XX:+UseG1GC"), "gateway")
                        .calls())
                .singleElement()
                .asString()
                .containsOnlyOnce("GC")
                .contains("-Xmx4g -XX:+UseG1GC");
    }

    @Test
    void anOlderJavaIsNamedInOneLineAlsoWhenAllIsPrepared() throws Exception {
        assertThat(run(jdk("17.0.12"), Map.of(), "version")).satisfies(StarterTest::isRefusedForItsJava);
        run(jdk("26.0.1"), Map.of(), "--prepare");
        assertThat(run(jdk("17.0.12"), Map.of(), "version")).satisfies(StarterTest::isRefusedForItsJava);
        assertThat(run(jdk("1.8.0_402"), Map.of(), "version")).satisfies(StarterTest::isRefusedForItsJava);
        assertThat(run(directory.resolve("no-jdk"), Map.of(), "version")).satisfies(StarterTest::isRefusedForItsJava);
    }

    private static void isRefusedForItsJava(Run run) {
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.calls()).isEmpty();
        assertThat(run.said())
                .singleElement()
                .asString()
                .startsWith("sallyport: ")
                .endsWith("name one in JAVA_HOME");
    }

    @Test
    void withoutJavaHomeTheOneOfThePathIsTakenAndAskedWhenItBringsNoFile() throws Exception {
        Path jdk = jdk("25.0.3");
        Files.delete(jdk.resolve("release"));
        Run run = run(null, Map.of("PATH", jdk.resolve("bin") + ":" + System.getenv("PATH")), "version");
        assertThat(run.status()).isEqualTo(7);
        assertThat(run.calls().getFirst()).isEqualTo("--version");
    }

    @Test
    void aJarThatCannotBeLaidOpenRunsAsItIs() throws Exception {
        Run run = run(jdk("25.0.3"), Map.of("BROKEN", "yes"), "version");
        assertThat(run.status()).isEqualTo(7);
        assertThat(run.said()).singleElement().asString().contains("cannot be made", "more slowly");
        assertThat(run.calls().getLast()).endsWith("-jar " + jar + " version");
        try (Stream<Path> left = Files.list(jar.getParent())) {
            assertThat(left).as("nothing half-made is left").containsExactly(jar);
        }
        assertThat(run(jdk("25.0.3"), Map.of("BROKEN", "yes"), "--prepare").status())
                .isEqualTo(1);
    }

    @Test
    void whatIsNotOursAndWhatIsMissingIsNamedAndNothingRuns() throws Exception {
        Path foreign = Files.createDirectories(directory.resolve("foreign"));
        Files.writeString(foreign.resolve("letter"), "dear");
        Run run = run(jdk("25.0.3"), Map.of("SALLYPORT_PREPARED", foreign.toString()), "version");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.said()).singleElement().asString().contains(foreign.toString(), "stays as it is");
        assertThat(foreign.resolve("letter")).hasContent("dear");

        Files.delete(jar);
        Run without = run(jdk("25.0.3"), Map.of(), "version");
        assertThat(without.status()).isEqualTo(1);
        assertThat(without.said()).singleElement().asString().contains(jar + " is not there", "./mvnw");
        assertThat(without.calls()).isEmpty();
    }

    private Path jdk(String version) throws IOException {
        Path home = directory.resolve("jdk-" + version);
        Path java = home.resolve("bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, JAVA.replace("$FAKE_VERSION", version));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(home.resolve("release"), """
                IMPLEMENTOR="Somebody"
                JAVA_RUNTIME_VERSION="%1$s+9-LTS"
                JAVA_VERSION="%1$s"
                OS_NAME="Linux"
                """.formatted(version));
        return home;
    }

    private Run run(Path jdk, Map<String, String> environment, String... arguments) throws Exception {
        return run(root.resolve("src/main/bin/sallyport"), jdk, environment, arguments);
    }

    private Run run(Path script, Path jdk, Map<String, String> environment, String... arguments) throws Exception {
        Path calls = Files.createTempFile(directory, "calls", "");
        Path said = Files.createTempFile(directory, "said", "");
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(said.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("SALLYPORT_") || name.equals("JAVA_HOME"));
        Map<String, String> more = new HashMap<>(environment);
        more.put("CALLS", calls.toString());
        if (jdk != null) {
            more.put("JAVA_HOME", jdk.toString());
        }
        builder.environment().putAll(more);
        Process process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Run(
                process.exitValue(),
                Files.readAllLines(said, StandardCharsets.UTF_8),
                Files.readAllLines(calls, StandardCharsets.UTF_8));
    }
}
