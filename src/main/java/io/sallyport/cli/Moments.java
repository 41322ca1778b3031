package io.sallyport.cli;

import io.sallyport.http.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them: {@code 2h} ago, {@code 3d} ago, {@code yesterday}, or RFC 3339. Days are UTC, as in the log. */
final class Moments {
    private static final Pattern DAYS = Pattern.compile("([0-9]{1,4})d");

    private Moments() {}

    /** Reads one; complains with what is possible. */
    static Instant read(String text, Instant now) {
        Matcher days = DAYS.matcher(text);
        if (days.matches()) {
            return now.minus(Duration.ofDays(Integer.parseInt(days.group(1))));
        }
        if (text.equals("today")) {
            return now.truncatedTo(ChronoUnit.DAYS);
        }
        if (text.equals("yesterday")) {
            return now.truncatedTo(ChronoUnit.DAYS).minus(Duration.ofDays(1));
        }
        return GoDuration.parse(text).map(now::minus).orElseGet(() -> absolute(text));
    }

    private static Instant absolute(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new CommandFailure(
                    "'" + text + "' is no time: write 2h, 3d, today, yesterday or 2026-01-31T12:00:00Z", e);
        }
    }
}
