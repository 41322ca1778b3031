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
 * The connector's log: a line for each event, for people or as JSON, where messages that scripts wait for have
 * cloudflared's text. Values are quoted, so that no input can forge a line.
 */
public final class ConnectorLog {
    /** In ascending severity. */
    public enum Level {
        /** Every request. */
        DEBUG("DBG"),
        /** Events of connections. */
        INFO("INF"),
        /** The connector goes on, but degraded. */
        WARN("WRN"),
        /** Something failed. */
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
     * @param least the lowest level that is written
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

    /** Also gets every line, whatever its level. Must not block or log. */
    interface Reader {
        void take(LogLine line);
    }

    /** Sets the reader; null removes it. */
    void read(@Nullable Reader who) {
        reader = who;
    }

    /** Whether a line of this level would be seen, to be asked before expensive messages are built. */
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

    /** The same for an event of another kind. */
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
     * Logs a message of the transport, whose level was checked before. The remote reader does not get it: sending it
     * would cause further messages of the transport.
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

    /** Escapes the control characters U+007F to U+009F too, which terminals interpret and JSON leaves alone. */
    private static String escaped(String json) {
        return C1.matcher(json)
                .replaceAll(found -> "\\\\u00%02x".formatted((int) found.group().charAt(0)));
    }
}
