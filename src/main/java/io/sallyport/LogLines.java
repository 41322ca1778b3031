package io.sallyport;

import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.charset.StandardCharsets;

/** Writes the lines of the access log as they are, so that a line of JSON is JSON, and all others by the usual pattern. */
public final class LogLines extends PatternLayoutEncoder {
    private static final String ACCESS_LOG = "io.sallyport.access";

    @Override
    public byte[] encode(ILoggingEvent event) {
        return event.getLoggerName().equals(ACCESS_LOG)
                ? (event.getFormattedMessage() + '\n').getBytes(StandardCharsets.UTF_8)
                : super.encode(event);
    }
}
