package io.sallyport;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands between everybody who logs and standard output: when its reader blocks, lines are dropped and counted instead of event
 * loops being stalled. What a full disk does not take is counted too, and the log says so as soon as it is written again.
 *
 * <p>Logback's own asynchronous appender wakes its worker and writes for every single line, which was a fifth of the system calls
 * of a busy gate. Here whoever wakes the worker is followed by {@link #LINGER}, and all lines of that time go out in one write.
 */
public final class LogQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {
    /** Lines that may wait. */
    static final int CAPACITY = 8_192;

    private static final int BATCH = 512;
    private static final Duration LINGER = Duration.ofMillis(5);
    private static final Duration LAST_CALL = Duration.ofSeconds(1);
    private static final LongAdder DROPPED = new LongAdder();
    private static final PrintStream AT_START = System.out;
    private static final OutputStream DESCRIPTOR = new FileOutputStream(FileDescriptor.out);

    private final BlockingQueue<ILoggingEvent> lines = new ArrayBlockingQueue<>(CAPACITY);
    private final Supplier<OutputStream> output;
    private @Nullable Encoder<ILoggingEvent> encoder;
    private @Nullable Thread writer;
    /** Lines that could not be written since the last that could; only the writer counts. */
    private long missing;

    private String reason = "";

    /** Writes to what standard output is at that moment. */
    public LogQueue() {
        this(LogQueue::standardOutput);
    }

    LogQueue(Supplier<OutputStream> output) {
        this.output = output;
    }

    /** @param encoder makes the bytes of a line, its end included */
    public void setEncoder(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    /**
     * A {@link PrintStream} keeps to itself that it could not write, so the system's own is passed by. One that somebody put there,
     * as test runners do before this class is loaded, is of a class of its own.
     */
    private static OutputStream standardOutput() {
        boolean isTheSystems = System.out.getClass().equals(PrintStream.class) && System.out.equals(AT_START);
        return isTheSystems ? DESCRIPTOR : System.out;
    }

    /** Lines that found the queue full, or the disk, since the start of the process. */
    static double dropped() {
        return DROPPED.sum();
    }

    @Override
    public void start() {
        Encoder<ILoggingEvent> bytes = encoder;
        if (bytes == null) {
            addError("the log queue has no encoder");
            return;
        }
        super.start();
        writer = Thread.ofPlatform().daemon().name("log-queue").start(() -> work(bytes));
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        if (!lines.offer(event)) {
            DROPPED.increment();
        }
    }

    /** Writes what waits, but does not wait longer than a second for a reader that blocks. */
    @Override
    public void stop() {
        super.stop();
        Thread running = writer;
        if (running != null) {
            writer = null;
            running.interrupt();
            try {
                running.join(LAST_CALL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void work(Encoder<ILoggingEvent> bytes) {
        List<ILoggingEvent> batch = new ArrayList<>(BATCH);
        boolean last = false;
        while (!last || !lines.isEmpty()) {
            try {
                if (!last) {
                    batch.add(lines.take());
                    LockSupport.parkNanos(LINGER.toNanos());
                }
            } catch (InterruptedException stopped) {
                last = true;
            }
            lines.drainTo(batch, BATCH - batch.size());
            write(batch, bytes);
            batch.clear();
        }
    }

    private void write(List<ILoggingEvent> batch, Encoder<ILoggingEvent> bytes) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(batch.size() * 400);
        if (missing > 0) {
            text.write('\n'); // the last line before may be cut off
            encode(gap(), bytes, text);
        }
        for (ILoggingEvent event : batch) {
            encode(event, bytes, text);
        }
        try {
            OutputStream to = output.get();
            to.write(text.toByteArray());
            to.flush();
            missing = 0;
        } catch (IOException failed) {
            // Some of the lines may be there. Nobody knows how many, so all count as lost.
            missing += batch.size();
            DROPPED.add(batch.size());
            reason = String.valueOf(failed.getMessage());
        }
    }

    private void encode(ILoggingEvent event, Encoder<ILoggingEvent> bytes, ByteArrayOutputStream text) {
        try {
            text.writeBytes(bytes.encode(event));
        } catch (RuntimeException e) {
            addError("a log line of " + event.getLoggerName() + " cannot be written", e);
        }
    }

    private ILoggingEvent gap() {
        LoggingEvent event = new LoggingEvent();
        event.setLoggerContext((LoggerContext) getContext());
        event.setLoggerName(LogQueue.class.getName());
        event.setThreadName(Thread.currentThread().getName());
        event.setLevel(Level.WARN);
        event.setInstant(InstantSource.system().instant());
        event.setMessage("up to " + missing + " lines are missing here, which could not be written: " + reason);
        return event;
    }
}
