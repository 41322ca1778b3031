package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class ConfigSectionsTest {
    private final List<ConfigSection> every = new ArrayList<>(
            Arrays.stream(ConfigKind.values()).map(ConfigSectionsTest::section).toList());

    @Test
    void eachKindHasItsSection() {
        ConfigSections sections = new ConfigSections(every);
        assertThat(ConfigKind.values())
                .allSatisfy(kind -> assertThat(sections.of(kind).kind()).isEqualTo(kind));
    }

    @Test
    void aKindWithoutASectionEndsTheStart() {
        every.removeIf(section -> section.kind() == ConfigKind.GROUPS);
        assertThatIllegalStateException()
                .isThrownBy(() -> new ConfigSections(every))
                .withMessageContaining("GROUPS");
    }

    @Test
    void twoSectionsOfAKindEndTheStart() {
        every.add(section(ConfigKind.TAGS));
        assertThatIllegalStateException()
                .isThrownBy(() -> new ConfigSections(every))
                .withMessageContaining("TAGS");
    }

    private static ConfigSection section(ConfigKind kind) {
        return new ConfigPlain(
                kind,
                List::of,
                (call, body) -> JsonNodeFactory.instance.objectNode(),
                (call, id, body) -> body.json(),
                (call, id) -> {});
    }
}
