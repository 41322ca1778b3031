package io.sallyport.control;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Times as the API spells them: RFC 3339, UTC, whole seconds, so that every read returns the same text. */
final class ApiTimes {
    private ApiTimes() {}

    /** {@code 2026-01-31T12:00:00Z}. */
    static String text(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The same, or JSON null. */
    static JsonNode node(@Nullable Instant instant) {
        return instant == null
                ? JsonNodeFactory.instance.nullNode()
                : JsonNodeFactory.instance.stringNode(text(instant));
    }
}
