package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Holds the described query parameters to those that the code reads. */
class QueryParametersTest {
    private static final Pattern READ =
            Pattern.compile("\\bquery\\s*\\.(?:flag|integer|instant|oneOf|text|texts)\\(\"([^\"]+)\"");
    private static final Set<String> TEXTS_OF_ANY_KIND = Set.of("page", "per_page");

    private static JsonNode described() throws IOException {
        try (InputStream in = QueryParametersTest.class.getResourceAsStream("/openapi/api.yaml")) {
            return new YAMLMapper().readTree(in);
        }
    }

    private static Set<String> read() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> sources = Files.list(Path.of("src/main/java/io/sallyport/control"))) {
            for (Path source : sources.toList()) {
                READ.matcher(Files.readString(source)).results().forEach(match -> names.add(match.group(1)));
            }
        }
        names.removeAll(TEXTS_OF_ANY_KIND);
        return names;
    }

    @Test
    void everyParameterThatIsReadIsDescribedWithATypeAndListedWithAHandler() throws IOException {
        JsonNode file = described();
        Set<String> listed = new TreeSet<>();
        file.path("handlers").forEach(handler -> handler.path("query").forEach(name -> listed.add(name.asString())));

        assertThat(read())
                .hasSizeGreaterThan(30)
                .allMatch(name -> file.path("parameters").has(name), "described");
        assertThat(read()).allMatch(listed::contains, "listed with a handler");
        assertThat(listed).allMatch(name -> file.path("parameters").has(name), "described");
        assertThat(Set.copyOf(List.copyOf(file.path("parameters").propertyNames())))
                .isEqualTo(listed);
        assertThat(file.path("parameters")).allMatch(schema -> schema.has("type"));
    }
}
