package io.sallyport.connector;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.DoubleSupplier;
import tools.jackson.databind.JsonNode;

/**
 * The lines that a reader of the log has asked for.
 *
 * @param kinds the kinds of events
 * @param least the lowest level
 * @param share the share of these lines to send, 1 for all
 */
record LogFilter(Set<LogLine.Kind> kinds, ConnectorLog.Level least, double share) {
    static final LogFilter EVERYTHING = new LogFilter(EnumSet.allOf(LogLine.Kind.class), ConnectorLog.Level.DEBUG, 1);

    /** The client's filters are invalid. */
    static final class Unclear extends RuntimeException {
        Unclear(String what) {
            super(what, null, false, false);
        }
    }

    /**
     * Reads the {@code filters} of a client; missing ones do not restrict. A sampling of 0 counts as missing, as in
     * cloudflared, whose clients always send it.
     *
     * @throws Unclear when a filter is invalid; names it
     */
    static LogFilter read(JsonNode filters) {
        if (filters.isMissingNode() || filters.isNull()) {
            return EVERYTHING;
        }
        if (!filters.isObject()) {
            throw new Unclear("filters must be an object");
        }
        Set<LogLine.Kind> kinds = EnumSet.noneOf(LogLine.Kind.class);
        JsonNode events = filters.path("events");
        if (!events.isArray() && !events.isMissingNode() && !events.isNull()) {
            throw new Unclear("filters.events must be a list");
        }
        for (JsonNode event : events) {
            kinds.add(LogLine.Kind.of(event.asString(""))
                    .orElseThrow(() -> new Unclear("filters.events: one of cloudflared, http, tcp, udp")));
        }
        return new LogFilter(
                kinds.isEmpty() ? EVERYTHING.kinds() : kinds, level(filters.path("level")), share(filters));
    }

    private static ConnectorLog.Level level(JsonNode written) {
        if (written.isMissingNode() || written.isNull()) {
            return ConnectorLog.Level.DEBUG;
        }
        return switch (written.asString("")) {
            case "debug" -> ConnectorLog.Level.DEBUG;
            case "info" -> ConnectorLog.Level.INFO;
            case "warn" -> ConnectorLog.Level.WARN;
            case "error" -> ConnectorLog.Level.ERROR;
            default -> throw new Unclear("filters.level: one of debug, info, warn, error");
        };
    }

    private static double share(JsonNode filters) {
        JsonNode written = filters.path("sampling");
        if (written.isMissingNode() || written.isNull()) {
            return 1;
        }
        if (!written.isNumber()) {
            throw new Unclear("filters.sampling must be a number");
        }
        double share = Math.clamp(written.doubleValue(), 0.0, 1.0);
        return share == 0 ? 1 : share;
    }

    /** @param chance from 0 to 1, asked only when a share of the lines is wanted */
    boolean takes(LogLine line, DoubleSupplier chance) {
        return line.level().compareTo(least) >= 0
                && kinds.contains(line.kind())
                && (share >= 1 || chance.getAsDouble() < share);
    }

    @Override
    public String toString() {
        return "level %s, events %s, sampling %s".formatted(least.name().toLowerCase(Locale.ROOT), kinds, share);
    }
}
