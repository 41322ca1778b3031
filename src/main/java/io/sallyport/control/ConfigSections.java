package io.sallyport.control;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Every section of the one file, found by its kind. */
final class ConfigSections {
    private final Map<ConfigKind, ConfigSection> byKind = new EnumMap<>(ConfigKind.class);

    /** @throws IllegalStateException when a kind has no section, or two: a bug, found at the start */
    ConfigSections(List<ConfigSection> sections) {
        for (ConfigSection section : sections) {
            if (byKind.put(section.kind(), section) != null) {
                throw new IllegalStateException("two sections of " + section.kind());
            }
        }
        Set<ConfigKind> missing = EnumSet.allOf(ConfigKind.class);
        missing.removeAll(byKind.keySet());
        if (!missing.isEmpty()) {
            throw new IllegalStateException("no section of " + missing);
        }
    }

    ConfigSection of(ConfigKind kind) {
        return Objects.requireNonNull(byKind.get(kind));
    }
}
