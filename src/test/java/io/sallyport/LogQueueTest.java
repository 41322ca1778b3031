package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LogQueueTest {
    private final LoggerContext context = new LoggerContext();

    LogQueueTest() {
        context.setMDCAdapter(new LogbackMDCAdapter());
    }

    @Test
    void r46AReaderThatBlocksDelaysNobodyAndItsLossIsCounted() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        LogQueue queue = queueBefore(new OutputStream() {
            @Override
            public void write(int b) {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                try {
                    if (reads.await(10, TimeUnit.SECONDS)) {
                        written.write(bytes, offset, length);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        double before = LogQueue.dropped();

        int lines = 2 * LogQueue.CAPACITY; // the writer has a part of the first half in hand
        for (int i = 0; i < lines; i++) {
            queue.doAppend(event("io.sallyport.access", "line " + i));
        }

        double dropped = LogQueue.dropped() - before;
        reads.countDown();
        await().until(() -> text(written).lines().count() == lines - (int) dropped);
        queue.stop();
        assertThat(dropped).isGreaterThanOrEqualTo(LogQueue.CAPACITY - 1_000);
        assertThat(text(written)).startsWith("line 0\nline 1\n");
    }

    @Test
    void r46AFullDiskIsCountedAndNamedOnceLinesCanBeWrittenAgain() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        AtomicBoolean full = new AtomicBoolean(true);
        LogQueue queue = queueBefore(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (full.get()) {
                    throw new IOException("No space left on device");
                }
                written.write(bytes, offset, length);
            }
        });
        double before = LogQueue.dropped();

        queue.doAppend(event("io.sallyport.access", "line 1"));
        queue.doAppend(event("io.sallyport.access", "line 2"));
        await().until(() -> LogQueue.dropped() == before + 2);
        full.set(false);
        queue.doAppend(event("io.sallyport.access", "line 3"));
        queue.doAppend(event("io.sallyport.access", "line 4"));
        queue.stop();

        assertThat(text(written).lines())
                .satisfiesExactly(
                        end -> assertThat(end).isEmpty(),
                        gap -> assertThat(gap)
                                .contains("2 lines are missing here")
                                .endsWith("No space left on device"),
                        third -> assertThat(third).isEqualTo("line 3"),
                        fourth -> assertThat(fourth).isEqualTo("line 4"));
        assertThat(LogQueue.dropped()).isEqualTo(before + 2);
    }

    @Test
    void linesOfOneMomentGoOutInOneWriteAndNoneIsLostAtTheEnd() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        List<Integer> writes = new CopyOnWriteArrayList<>();
        LogQueue queue = queueBefore(new OutputStream() {
            @Override
            public void write(int b) {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                writes.add(length);
                written.write(bytes, offset, length);
            }
        });

        for (int i = 0; i < 1_000; i++) {
            queue.doAppend(event("io.sallyport.access", "line " + i));
        }
        queue.stop();

        assertThat(text(written).lines()).hasSize(1_000).startsWith("line 0").endsWith("line 999");
        assertThat(writes).hasSizeLessThan(500);
    }

    @Test
    void aLineOfTheAccessLogIsWrittenAsItIsAndOthersByThePattern() {
        LogLines lines = new LogLines();
        lines.setContext(context);
        lines.setPattern("%level %msg%n");
        lines.start();

        assertThat(text(lines, event("io.sallyport.access", "{\"status\":200}")))
                .isEqualTo("{\"status\":200}\n");
        assertThat(text(lines, event("io.sallyport.gateway", "words")))
                .isEqualTo("INFO words" + System.lineSeparator());
    }

    private LogQueue queueBefore(OutputStream reader) {
        LogQueue queue = new LogQueue(() -> reader);
        LogLines lines = new LogLines();
        lines.setPattern("%msg%n");
        lines.setContext(context);
        lines.start();
        queue.setContext(context);
        queue.setEncoder(lines);
        queue.start();
        return queue;
    }

    private static String text(ByteArrayOutputStream written) {
        return written.toString(StandardCharsets.UTF_8);
    }

    private ILoggingEvent event(String logger, String message) {
        Logger source = context.getLogger(logger);
        return new LoggingEvent(LogQueueTest.class.getName(), source, Level.INFO, message, null, null);
    }

    private static String text(LogLines lines, ILoggingEvent event) {
        return new String(lines.encode(event), StandardCharsets.UTF_8);
    }
}
