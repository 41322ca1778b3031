package io.sallyport.cli;

import io.sallyport.http.GoDuration;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write and read them: {@code 2h} ago, {@code 3d} ago, {@code yesterday}, or RFC 3339. Days are those of the reader. */
final class Moments {
    private static final Pattern DAYS = Pattern.compile("([0-9]{1,4})d");
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss XXX", Locale.ROOT);

    private Moments() {}

    /** Reads a time; the error says which forms are possible. */
    static Instant read(String text, Instant now, ZoneId zone) {
        Matcher days = DAYS.matcher(text);
        if (days.matches()) {
            return now.minus(Duration.ofDays(Integer.parseInt(days.group(1))));
        }
        if (text.equals("today")) {
            return LocalDate.ofInstant(now, zone).atStartOfDay(zone).toInstant();
        }
        if (text.equals("yesterday")) {
            return LocalDate.ofInstant(now, zone)
                    .minusDays(1)
                    .atStartOfDay(zone)
                    .toInstant();
        }
        return GoDuration.parse(text).map(now::minus).orElseGet(() -> absolute(text));
    }

    /** Shows a time of the API in the reader's time zone, with the name of the zone. Text that is not a time is returned unchanged. */
    static String shown(String text, Terminal terminal) {
        try {
            return text.isEmpty()
                    ? text
                    : SHOWN.format(OffsetDateTime.parse(text).atZoneSameInstant(terminal.zone()));
        } catch (DateTimeParseException notATime) {
            return text;
        }
    }

    private static Instant absolute(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw CommandFailure.misuse(
                    "'" + text + "' is not a time: write 2h, 3d, today, yesterday or 2026-01-31T12:00:00Z");
        }
    }
}
