package io.sallyport;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/**
 * The message of a line in the log, with control characters as escapes: what an origin, a connector or a provider said must not look
 * like another line, nor be obeyed by the terminal that shows it (LO-02). Others than we may write several lines, such as Spring's
 * report of why it does not start.
 */
public final class OneLine extends MessageConverter {
    private static final String OURS = "io.sallyport.";

    @Override
    public String convert(ILoggingEvent event) {
        String message = super.convert(event);
        boolean single = event.getLoggerName().startsWith(OURS);
        for (int i = 0; i < message.length(); i++) {
            if (isHarmful(message.charAt(i), single)) {
                return escaped(message, single);
            }
        }
        return message;
    }

    private static boolean isHarmful(char c, boolean single) {
        return (Character.isISOControl(c) && (single || (c != '\n' && c != '\t' && c != '\r')))
                || c == '\u2028'
                || c == '\u2029';
    }

    private static String escaped(String message, boolean single) {
        StringBuilder safe = new StringBuilder(message.length() + 16);
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            if (isHarmful(c, single)) {
                safe.append("\\u%04x".formatted((int) c));
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }
}
