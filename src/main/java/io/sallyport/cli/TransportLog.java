package io.sallyport.cli;

import io.sallyport.connector.ConnectorLog;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Writes the log of the connector's libraries for TLS, HTTP/2 and QUIC to the connector's own log. It has a level of its own
 * ({@code --transport-loglevel}), because it is of interest only for finding faults there.
 */
final class TransportLog extends Handler {
    /** Kept here, because loggers are held weakly. */
    private static final Logger NETTY = Logger.getLogger("io.netty");

    private static final SimpleFormatter WORDS = new SimpleFormatter();

    private final ConnectorLog log;

    private TransportLog(ConnectorLog log) {
        this.log = log;
    }

    /** From now on, messages of at least this level are written to that log only. */
    static void write(ConnectorLog log, ConnectorLog.Level least) {
        for (Handler before : NETTY.getHandlers()) {
            NETTY.removeHandler(before);
        }
        NETTY.setUseParentHandlers(false);
        NETTY.setLevel(
                switch (least) {
                    case DEBUG -> Level.FINE;
                    case INFO -> Level.INFO;
                    case WARN -> Level.WARNING;
                    case ERROR -> Level.SEVERE;
                    case FATAL -> Level.OFF;
                });
        NETTY.addHandler(new TransportLog(log));
    }

    @Override
    public void publish(LogRecord record) {
        Throwable thrown = record.getThrown();
        String words = WORDS.formatMessage(record);
        String from = record.getLoggerName().substring(record.getLoggerName().lastIndexOf('.') + 1);
        if (thrown == null) {
            log.transport(level(record.getLevel()), words, "from", from);
        } else {
            log.transport(level(record.getLevel()), words, "from", from, "error", thrown.toString());
        }
    }

    private static ConnectorLog.Level level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return ConnectorLog.Level.ERROR;
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return ConnectorLog.Level.WARN;
        }
        return level.intValue() >= Level.INFO.intValue() ? ConnectorLog.Level.INFO : ConnectorLog.Level.DEBUG;
    }

    @Override
    public void flush() {
        // every line is written at once
    }

    @Override
    public void close() {
        // the owner of the log closes it
    }
}
