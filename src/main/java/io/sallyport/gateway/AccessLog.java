package io.sallyport.gateway;

import io.sallyport.http.RequestContext;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * One line per request, as JSON or as {@code key=value}. Holds names, numbers and reasons; never a cookie, token, header value or
 * query, because queries carry codes and secrets (LO-01). Control bytes are escaped, so one event is one line (LO-02).
 */
final class AccessLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.sallyport.access");
    private static final int LONGEST = 512;

    private final boolean json;
    private final InstantSource clock;

    AccessLog(EdgeSettings.AccessLog.Format format, InstantSource clock) {
        this.json = format == EdgeSettings.AccessLog.Format.JSON;
        this.clock = clock;
    }

    /** @param cancelled the client went away before the end */
    void write(ServerHttpRequest request, AccessRecord record, int status, long nanos, boolean cancelled) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        Line line = new Line(json);
        line.text("at", clock.instant().toString());
        line.text("ray", record.ray());
        RequestContext context = record.context();
        line.text("client", context == null ? null : context.client().getHostAddress());
        line.text("method", request.getMethod().name());
        line.text("host", context == null ? null : context.target().host().value());
        line.text("path", context == null ? null : context.target().path());
        line.text("face", context == null ? null : Line.lower(context.face()));
        line.number("http", record.httpVersion());
        line.number("status", status);
        line.text("decision", record.decision());
        line.text("decision_id", record.decisionId());
        line.text("reason", record.reason());
        line.text("policy", record.policy());
        var application = record.application();
        line.text("app", application == null ? null : application.id().toString());
        line.text("app_name", application == null ? null : application.name());
        line.text("identity", record.identity());
        line.number("bytes", record.bytesOut());
        line.number("duration_us", nanos / 1_000);
        if (record.upstreamNanos() >= 0) {
            line.number("upstream_us", record.upstreamNanos() / 1_000);
        }
        line.text("failure", cancelled && record.failure() == null ? "client_gone" : record.failure());
        LOG.info(line.end());
    }

    /** Builds one line. */
    static final class Line {
        private static final String HEX = "0123456789abcdef";

        private final StringBuilder text = new StringBuilder(320);
        private final boolean json;

        Line(boolean json) {
            this.json = json;
        }

        void text(String key, @Nullable String value) {
            if (value == null) {
                return;
            }
            key(key);
            text.append('"');
            int length = Math.min(value.length(), LONGEST);
            int from = 0; // start of the run of characters that need no escape
            for (int i = 0; i < length; i++) {
                if (isEscaped(value.charAt(i))) {
                    text.append(value, from, i);
                    escape(value.charAt(i));
                    from = i + 1;
                }
            }
            text.append(value, from, length).append('"');
        }

        void number(String key, long value) {
            key(key);
            text.append(value);
        }

        String end() {
            return json ? text.append('}').toString() : text.toString();
        }

        static String lower(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT);
        }

        private void key(String key) {
            boolean first = text.isEmpty();
            if (json) {
                text.append(first ? '{' : ',').append('"').append(key).append("\":");
            } else {
                text.append(first ? "" : " ").append(key).append('=');
            }
        }

        private static boolean isEscaped(char c) {
            return c == '"' || c == '\\' || c < ' ' || (c >= 0x7f && c < 0xa0) || c == '\u2028' || c == '\u2029';
        }

        private void escape(char c) {
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else {
                text.append("\\u")
                        .append(HEX.charAt(c >> 12))
                        .append(HEX.charAt((c >> 8) & 0xf))
                        .append(HEX.charAt((c >> 4) & 0xf))
                        .append(HEX.charAt(c & 0xf));
            }
        }
    }
}
