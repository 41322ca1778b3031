package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** Every key an operator can set, and its default: whoever changes one changes {@code settings.txt}, too, and knows it. */
class SettingsTest {
    @Test
    void theKeysAndDefaultsAreThoseOfTheList() throws Exception {
        List<String> expected = new String(
                        Objects.requireNonNull(SettingsTest.class.getResourceAsStream("/settings.txt"))
                                .readAllBytes(),
                        StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(keys()).containsExactlyElementsOf(expected);
    }

    @Test
    void everyKeyStandsInTheCommentedFile() throws Exception {
        String file = new String(
                Objects.requireNonNull(SettingsTest.class.getResourceAsStream("/application.yaml"))
                        .readAllBytes(),
                StandardCharsets.UTF_8);
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

    private static List<String> keys() throws ClassNotFoundException, IOException {
        ClassPathScanningCandidateComponentProvider scan = new ClassPathScanningCandidateComponentProvider(false);
        scan.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        TreeSet<String> keys = new TreeSet<>();
        for (var found : scan.findCandidateComponents("io.sallyport")) {
            Class<?> type = Class.forName(Objects.requireNonNull(found.getBeanClassName()));
            ConfigurationProperties properties = type.getAnnotation(ConfigurationProperties.class);
            collect(properties.value(), type, keys);
        }
        return List.copyOf(keys);
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
