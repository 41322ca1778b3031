package io.sallyport.control;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.util.MultiValueMap;

/** The query parameters of a call, read one by one; every complaint names the parameter. Unknown ones are ignored. */
record Query(MultiValueMap<String, String> parameters) {
    /** A parameter's text; absent and empty are the same. */
    Optional<String> text(String name) {
        return Optional.ofNullable(parameters.getFirst(name))
                .filter(value -> !value.isEmpty())
                .map(value -> storable(name, value));
    }

    /** All values of a repeated parameter. */
    List<String> texts(String name) {
        List<String> values = parameters.getOrDefault(name, List.of());
        values.forEach(value -> storable(name, value));
        return values;
    }

    /** Refuses NUL, which PostgreSQL cannot store or compare. */
    private static String storable(String name, String value) {
        if (value.indexOf('\0') >= 0) {
            throw ApiProblem.invalidParameter(name, "must not hold a NUL");
        }
        return value;
    }

    /** {@code true} or {@code false}; absent is false. */
    boolean flag(String name) {
        return switch (text(name).orElse("false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ApiProblem.invalidParameter(name, "must be true or false");
        };
    }

    /** A moment in RFC 3339. */
    Optional<Instant> instant(String name) {
        return text(name).map(value -> {
            try {
                return OffsetDateTime.parse(value).toInstant();
            } catch (DateTimeParseException e) {
                throw ApiProblem.invalidParameter(name, "must be a time such as 2026-01-31T12:00:00Z");
            }
        });
    }

    /** A whole number in a range. */
    Optional<Integer> integer(String name, int min, int max) {
        return text(name).map(value -> {
            try {
                int number = Integer.parseInt(value);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Answered below, with the range.
            }
            throw ApiProblem.invalidParameter(name, "must be a whole number from " + min + " to " + max);
        });
    }

    /** One of the given words. */
    String oneOf(String name, String fallback, String... words) {
        String value = text(name).orElse(fallback).toLowerCase(Locale.ROOT);
        if (!List.of(words).contains(value)) {
            throw ApiProblem.invalidParameter(name, "must be one of " + String.join(", ", words));
        }
        return value;
    }

    /** Paging of a log, which accepts {@code limit} besides {@code per_page}; the smaller one counts. */
    Paging logPaging() {
        Optional<Integer> limit = integer("limit", 1, Paging.MAX_PER_PAGE);
        Paging paging = paging();
        int size = text("per_page").isPresent()
                ? Math.min(limit.orElse(paging.perPage()), paging.perPage())
                : limit.orElse(paging.perPage());
        return new Paging(paging.page(), size);
    }

    /** {@code page} and {@code per_page}. */
    Paging paging() {
        return new Paging(
                integer("page", 1, Paging.LAST_PAGE).orElse(1),
                integer("per_page", 1, Paging.MAX_PER_PAGE).orElse(Paging.DEFAULT_PER_PAGE));
    }
}
