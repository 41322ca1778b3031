package io.sallyport.connector;

import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The connector's log: a line for each event, for people or as JSON, with the messages that scripts wait for in cloudflared's words
 * (connector-config.md §8). Values are quoted, so that nothing a stranger sent can look like another line.
 */
public final class ConnectorLog {
    /** From chatty to silent. */
    public enum Level {
        /** Every request. */
        DEBUG("DBG"),
        /** What happens to connections. */
        INFO("INF"),
        /** What goes on worse. */
        WARN("WRN"),
        /** What did not work. */
        ERROR("ERR"),
        /** Why the process ends. */
        FATAL("FTL");

        private final String shortName;

        Level(String shortName) {
            this.shortName = shortName;
        }
    }

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern C1 = Pattern.compile("[\u007f-\u009f]");

    private final PrintStream out;
    private final boolean asJson;
    private final Level least;
    private final InstantSource clock;
    private volatile @Nullable Reader reader;

    /**
     * Lines for people.
     *
     * @param least what is less important is not written
     */
    public ConnectorLog(PrintStream out, Level least, InstantSource clock) {
        this(out, false, least, clock);
    }

    /** The same, an object of JSON on each line. */
    public static ConnectorLog json(PrintStream out, Level least, InstantSource clock) {
        return new ConnectorLog(out, true, least, clock);
    }

    private ConnectorLog(PrintStream out, boolean asJson, Level least, InstantSource clock) {
        this.out = out;
        this.asJson = asJson;
        this.least = least;
        this.clock = clock;
    }

    /** Who is told of every line as well, however chatty; must not wait, and must not log. */
    interface Reader {
        void take(LogLine line);
    }

    /** From now on this one reads; null for nobody. */
    void read(@Nullable Reader who) {
        reader = who;
    }

    /** Whether anybody would see such a line: what takes work to say is asked for first. */
    boolean wants(Level level) {
        return reader != null || level.compareTo(least) >= 0;
    }

    void debug(String message, String... fields) {
        log(Level.DEBUG, message, fields);
    }

    void info(String message, String... fields) {
        log(Level.INFO, message, fields);
    }

    void warn(String message, String... fields) {
        log(Level.WARN, message, fields);
    }

    void error(String message, String... fields) {
        log(Level.ERROR, message, fields);
    }

    /** @param fields names and values in turn */
    public void log(Level level, String message, String... fields) {
        log(LogLine.Kind.CLOUDFLARED, level, message, fields);
    }

    /** The same about something else than the connector itself. */
    void log(LogLine.Kind kind, Level level, String message, String... fields) {
        Reader told = reader;
        boolean isWritten = level.compareTo(least) >= 0;
        if (!isWritten && told == null) {
            return;
        }
        Instant now = clock.instant();
        if (isWritten) {
            write(now, level, message, fields);
        }
        if (told != null) {
            told.take(new LogLine(now.truncatedTo(ChronoUnit.MILLIS), level, kind, message, Arrays.asList(fields)));
        }
    }

    /**
     * What the wire below says; how much of it is wanted was asked before. A reader from afar is not told: it would be told over that
     * same wire, which would say something about it.
     */
    public void transport(Level level, String message, String... fields) {
        write(clock.instant(), level, message, fields);
    }

    private void write(Instant now, Level level, String message, String... fields) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        StringBuilder line = new StringBuilder();
        if (asJson) {
            Map<String, String> event = new LinkedHashMap<>();
            event.put("level", level.name().toLowerCase(Locale.ROOT));
            event.put("time", time);
            for (int i = 0; i + 1 < fields.length; i += 2) {
                event.put(fields[i], fields[i + 1]);
            }
            event.put("message", message);
            line.append(escaped(JSON.writeValueAsString(event)));
        } else {
            line.append(time).append(' ').append(level.shortName).append(' ').append(message);
            for (int i = 0; i + 1 < fields.length; i += 2) {
                line.append(' ').append(fields[i]).append('=').append(quoted(fields[i + 1]));
            }
        }
        out.println(line);
    }

    private static String quoted(String value) {
        boolean plain = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != '\\');
        return plain ? value : escaped(JSON.writeValueAsString(value));
    }

    /** JSON escapes the control characters below the space and leaves those above the tilde, which terminals obey as well. */
    private static String escaped(String json) {
        return C1.matcher(json)
                .replaceAll(found -> "\\\\u00%02x".formatted((int) found.group().charAt(0)));
    }
}
