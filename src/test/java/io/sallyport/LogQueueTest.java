package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogQueueTest {
    private final LoggerContext context = new LoggerContext();

    LogQueueTest() {
        context.setMDCAdapter(new LogbackMDCAdapter());
    }

    @Test
    void r46AReaderThatBlocksDelaysNobodyAndItsLossIsCounted() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        List<String> written = new CopyOnWriteArrayList<>();
        LogQueue queue = queueBefore(new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                try {
                    if (reads.await(10, TimeUnit.SECONDS)) {
                        written.add(event.getFormattedMessage());
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        double before = LogQueue.dropped();

        int lines = 2 * queue.getQueueSize() + 1_000; // the worker takes a queue's worth in hand
        for (int i = 0; i < lines; i++) {
            queue.doAppend(event("io.sallyport.access", "line " + i));
        }

        double dropped = LogQueue.dropped() - before;
        reads.countDown();
        await().until(() -> written.size() == lines - (int) dropped);
        queue.stop();
        assertThat(dropped).isGreaterThanOrEqualTo(999);
        assertThat(written).startsWith("line 0", "line 1");
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

    private LogQueue queueBefore(AppenderBase<ILoggingEvent> reader) {
        reader.setContext(context);
        reader.start();
        LogQueue queue = new LogQueue();
        queue.setContext(context);
        queue.addAppender(reader);
        queue.start();
        return queue;
    }

    private ILoggingEvent event(String logger, String message) {
        Logger source = context.getLogger(logger);
        return new LoggingEvent(LogQueueTest.class.getName(), source, Level.INFO, message, null, null);
    }

    private static String text(LogLines lines, ILoggingEvent event) {
        return new String(lines.encode(event), StandardCharsets.UTF_8);
    }
}
