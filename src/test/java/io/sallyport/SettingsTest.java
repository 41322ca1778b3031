package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindMethod;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

/**
 * Every key that an operator can set: {@code settings.txt} lists them with their defaults, {@code settings-refused.txt}
 * with the values that must be refused.
 */
class SettingsTest {
    /** Read by Spring Boot's own settings, which refuse them by the names of theirs. */
    private static final Set<String> PORTS = Set.of("sallyport.http.port", "sallyport.management.port");

    /** Found once: the search reads every class we have. */
    private static final List<Class<?>> TYPES = types();

    @Test
    void theKeysAndDefaultsAreThoseOfTheList() throws Exception {
        assertThat(keys())
                .containsExactlyElementsOf(text("/settings.txt").lines().toList());
    }

    @Test
    void everyKeyStandsInTheCommentedFile() throws Exception {
        String file = text("/application.yaml");
        List<String> missing = new ArrayList<>();
        for (String line : keys()) {
            String key = line.substring(0, line.indexOf(' '));
            String last = key.substring(key.lastIndexOf('.') + 1);
            if (!key.startsWith("sallyport.demo")
                    && !key.equals("sallyport.mail.outbox")
                    && !file.contains(last + ":")) {
                missing.add(key);
            }
        }
        assertThat(missing).isEmpty();
    }

    /** A document may name a key, or the record that several keys share. */
    @Test
    void everySettingInTheDocumentsExists() throws Exception {
        Set<String> known = new TreeSet<>(PORTS);
        for (String line : keys()) {
            String key = line.substring(0, line.indexOf(' '));
            known.add(key);
            known.add(key.substring(0, key.lastIndexOf('.')));
        }
        Set<String> named = new TreeSet<>();
        for (String document : List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")) {
            Pattern.compile("`(sallyport(?:\\.[a-z0-9-]+)+)")
                    .matcher(Files.readString(Path.of(document)))
                    .results()
                    .forEach(found -> named.add(found.group(1)));
        }
        assertThat(named).isNotEmpty().isSubsetOf(known);
    }

    /** The lines of {@code settings-refused.txt} with this separator, without the key. */
    private static Map<String, String> refused(String separator) throws IOException {
        return text("/settings-refused.txt")
                .lines()
                .filter(line -> !line.startsWith("#") && line.contains(separator))
                .map(line -> line.split(separator, 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    }

    static Stream<Arguments> invalid() throws IOException {
        return refused(": ").entrySet().stream().map(each -> Arguments.of(each.getKey(), each.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalid")
    void anInvalidValueIsRefusedWithTheNameOfItsKey(String key, String assignments) {
        Map<String, String> values = Stream.of(assignments.split(" (?=sallyport\\.)"))
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
        Binder binder = new Binder(new MapConfigurationPropertySource(values));
        List<String> errors = new ArrayList<>();
        for (Class<?> type : TYPES) {
            try {
                binder.bindOrCreate(prefix(type), Bindable.of(type).withBindMethod(BindMethod.VALUE_OBJECT));
            } catch (BindException e) {
                for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                    errors.add(String.valueOf(cause.getMessage()));
                }
            }
        }
        assertThat(errors).as("errors of the start").anyMatch(error -> error.contains(key));
    }

    @Test
    void everyKeyIsValidatedByItsRecordOrTheListSaysBySomebodyElse() throws Exception {
        List<String> validated = Stream.concat(refused(": ").keySet().stream(), refused(" - ").keySet().stream())
                .sorted()
                .toList();
        assertThat(validated)
                .containsExactlyElementsOf(keys().stream()
                        .map(line -> line.substring(0, line.indexOf(' ')))
                        .toList());
    }

    /** What is not commented out in {@code application.yaml} would override the records' own defaults. */
    @Test
    void theCommentedFileHasTheDefaultsOfTheRecords() throws Exception {
        Map<String, String> defaults = keys().stream()
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(' ')), line -> line.substring(line.indexOf(" = ") + 3)));
        Map<String, String> written = new TreeMap<>();
        new YamlPropertySourceLoader()
                .load("defaults", new ClassPathResource("application.yaml"))
                .forEach(source -> ((Map<?, ?>) source.getSource())
                        .forEach((key, value) -> written.put(String.valueOf(key), String.valueOf(value))));
        written.keySet().removeIf(key -> !key.startsWith("sallyport.") || PORTS.contains(key));
        assertThat(written)
                .isNotEmpty()
                .allSatisfy((key, value) -> assertThat(value)
                        .as(key)
                        .isEqualTo(defaults.getOrDefault(key, "no such key").replaceAll("unset|none", "")));
    }

    private static List<String> keys() {
        TreeSet<String> keys = new TreeSet<>();
        for (Class<?> type : TYPES) {
            collect(prefix(type), type, keys);
        }
        return List.copyOf(keys);
    }

    private static String prefix(Class<?> type) {
        return type.getAnnotation(ConfigurationProperties.class).value();
    }

    private static List<Class<?>> types() {
        ClassPathScanningCandidateComponentProvider scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        List<Class<?>> types = new ArrayList<>();
        for (var found : scan.findCandidateComponents("io.sallyport")) {
            types.add(ClassUtils.resolveClassName(Objects.requireNonNull(found.getBeanClassName()), null));
        }
        return List.copyOf(types);
    }

    private static String text(String resource) throws IOException {
        return new ClassPathResource(resource).getContentAsString(StandardCharsets.UTF_8);
    }

    private static void collect(String prefix, Class<?> type, TreeSet<String> keys) {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        for (Parameter parameter : constructor.getParameters()) {
            String key = prefix + "."
                    + parameter.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            Class<?> kind = parameter.getType();
            if (kind.isRecord() && kind.getName().startsWith("io.sallyport")) {
                collect(key, kind, keys);
                continue;
            }
            DefaultValue usual = parameter.getAnnotation(DefaultValue.class);
            keys.add(key + " (" + kind.getSimpleName() + ") = "
                    + (usual == null ? "unset" : usual.value().length == 0 ? "none" : String.join(",", usual.value())));
        }
    }
}
