package io.sallyport.connector;

import io.sallyport.http.GoDuration;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/** The format of durations, which is the only difference between config.yml and the JSON of the API. */
enum Spelling {
    /** Go strings: {@code 30s}, {@code 1m30s}. */
    FILE {
        @Override
        Duration duration(String key, JsonNode value) {
            return GoDuration.parse(value.asString(""))
                    .orElseThrow(() -> new InvalidConfiguration(
                            "%s: %s is not a duration, write it like 30s or 1m30s".formatted(key, value)));
        }
    },
    /** Whole seconds. */
    API {
        @Override
        Duration duration(String key, JsonNode value) {
            if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
                throw new InvalidConfiguration("%s: %s is not a whole number of seconds".formatted(key, value));
            }
            return Duration.ofSeconds(value.intValue());
        }
    };

    abstract Duration duration(String key, JsonNode value);
}
