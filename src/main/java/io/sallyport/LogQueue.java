package io.sallyport;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.concurrent.atomic.LongAdder;

/**
 * Stands between everybody who logs and the terminal, pipe or file that takes the lines: when that blocks, lines are dropped and
 * counted instead of event loops being stalled.
 */
public final class LogQueue extends AsyncAppender {
    private static final LongAdder DROPPED = new LongAdder();

    /** A queue of 8,192 lines. */
    public LogQueue() {
        setQueueSize(8_192);
        setDiscardingThreshold(0); // lines of all levels are worth the same
        setNeverBlock(true);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (getRemainingCapacity() == 0) {
            DROPPED.increment();
        } else {
            super.append(event);
        }
    }

    /** Lines that found the queue full since the start of the process. */
    static double dropped() {
        return DROPPED.sum();
    }
}
