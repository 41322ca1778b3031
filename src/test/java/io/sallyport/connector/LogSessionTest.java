package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.connector.ConnectorLog.Level;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The conversation at {@code /logs}, frame by frame. */
class LogSessionTest {
    private static final String START = "{\"type\":\"start_streaming\"}";
    private static final String STOP = "{\"type\":\"stop_streaming\"}";

    private final InstantSource clock = InstantSource.fixed(Instant.parse("2026-11-27T12:00:00Z"));
    private final ConnectorLog log =
            new ConnectorLog(new PrintStream(OutputStream.nullOutputStream()), Level.INFO, clock);
    private final ConnectorMetrics metrics = new ConnectorMetrics();
    private final LogReaders readers = new LogReaders(log, metrics);

    /** One client with its stream. */
    private final class Client {
        private final EmbeddedChannel stream = new EmbeddedChannel();

        Client(String actor) {
            new LogSession(readers, actor, Duration.ofMinutes(5)).addTo(stream.pipeline());
        }

        Client says(String text) {
            frame(0x1, text.getBytes(StandardCharsets.UTF_8));
            return this;
        }

        void frame(int opcode, byte[] payload) {
            ByteBuf frame = Unpooled.buffer().writeByte(0x80 | opcode);
            if (payload.length < 126) {
                frame.writeByte(0x80 | payload.length);
            } else {
                frame.writeByte(0x80 | 126).writeShort(payload.length);
            }
            byte[] mask = {1, 2, 3, 4};
            frame.writeBytes(mask);
            for (int i = 0; i < payload.length; i++) {
                frame.writeByte(payload[i] ^ mask[i % 4]);
            }
            stream.writeInbound(frame);
        }

        /** What came since the last look: texts as they are, close frames as {@code close CODE REASON}. */
        List<String> hears() {
            stream.runPendingTasks();
            List<String> heard = new ArrayList<>();
            ByteBuf all = Unpooled.buffer();
            for (ByteBuf piece = stream.readOutbound(); piece != null; piece = stream.readOutbound()) {
                all.writeBytes(piece);
                piece.release();
            }
            while (all.isReadable()) {
                int opcode = all.readUnsignedByte() & 0xf;
                int length = all.readUnsignedByte();
                length = length == 126 ? all.readUnsignedShort() : length == 127 ? (int) all.readLong() : length;
                ByteBuf payload = all.readSlice(length);
                heard.add(
                        switch (opcode) {
                            case 0x1 -> payload.toString(StandardCharsets.UTF_8);
                            case 0x8 ->
                                ("close " + payload.readUnsignedShort() + " "
                                                + payload.toString(StandardCharsets.UTF_8))
                                        .strip();
                            case 0x9 -> "ping";
                            case 0xa -> "pong " + payload.toString(StandardCharsets.UTF_8);
                            default -> "opcode " + opcode;
                        });
            }
            return heard;
        }

        /** The messages of all lines that came. */
        List<String> reads() {
            List<String> messages = new ArrayList<>();
            for (String text : hears()) {
                JsonNode frame = JsonMapper.shared().readTree(text);
                assertThat(frame.path("type").asString()).isEqualTo("logs");
                frame.path("logs")
                        .forEach(line -> messages.add(line.path("message").asString()));
            }
            return messages;
        }

        void canTakeMore(boolean more) {
            stream.unsafe().outboundBuffer().setUserDefinedWritability(1, more);
        }
    }

    @Test
    void afterAStartEveryLineComesHoweverQuietTheConnectorsOwnLogIs() {
        Client client = new Client("ada").says(START);
        log.debug("a request failed", "error", "none");
        log.warn("worse");
        assertThat(client.reads()).containsExactly("a request failed", "worse");
    }

    @Test
    void beforeItAndAfterAStopNothingComes() {
        Client client = new Client("ada");
        log.error("before");
        client.says(START);
        log.error("between");
        assertThat(client.reads()).containsExactly("between");
        client.says(STOP);
        log.error("after");
        assertThat(client.hears()).isEmpty();
        assertThat(log.wants(Level.DEBUG)).as("nobody reads").isFalse();
        client.says(START);
        log.error("again");
        assertThat(client.reads()).containsExactly("again");
    }

    @Test
    void aSecondStartChangesTheFilters() {
        Client client = new Client("ada").says(START);
        client.says("{\"type\":\"start_streaming\",\"filters\":{\"level\":\"error\"}}");
        log.info("no");
        log.error("yes");
        assertThat(client.reads()).containsExactly("yes");
    }

    @ParameterizedTest
    @ValueSource(strings = {STOP, "{}", "hello", "[]", "{\"type\":\"logs\"}"})
    void whoeverBeginsWithSomethingElseIsToldSo(String first) {
        Client client = new Client("ada").says(first);
        assertThat(client.hears()).containsExactly("close 4001 expected start streaming as first event");
        assertThat(client.stream.isOpen()).isFalse();
    }

    @Test
    void filtersThatCannotBeMeantAreNamed() {
        Client client = new Client("ada").says("{\"type\":\"start_streaming\",\"filters\":{\"level\":\"loud\"}}");
        assertThat(client.hears()).containsExactly("close 4001 filters.level: one of debug, info, warn, error");
    }

    @Test
    void anUnknownWordLaterEndsItAsDoesAFrameThatIsNoText() {
        Client wordy = new Client("ada").says(START).says("{\"type\":\"pause\"}");
        assertThat(wordy.hears()).singleElement().asString().startsWith("close 1003");
        Client binary = new Client("ada").says(START);
        binary.frame(0x2, new byte[] {1});
        assertThat(binary.hears()).singleElement().asString().startsWith("close 1003");
    }

    @Test
    void somebodyElseIsRefusedWhileOneReads() {
        Client ada = new Client("ada").says(START);
        Client bob = new Client("bob").says(START);
        assertThat(bob.hears()).containsExactly("close 4002 limit exceeded for streaming sessions");
        log.info("for ada");
        assertThat(ada.reads()).containsExactly("for ada");
        ada.stream.close();
        ada.stream.runPendingTasks();
        Client again = new Client("bob").says(START);
        log.info("for bob");
        assertThat(again.reads()).containsExactly("for bob");
    }

    @Test
    void theSamePersonsNextSessionTakesThePlaceOfTheFirst() {
        Client first = new Client("ada").says(START);
        Client second = new Client("ada").says(START);
        assertThat(first.hears()).containsExactly("close 1000 another session took its place");
        log.info("here");
        assertThat(second.reads()).containsExactly("here");
    }

    @Test
    void whoWantsNothingForFiveMinutesIsSentAway() {
        Client client = new Client("ada");
        client.stream.advanceTimeBy(299, TimeUnit.SECONDS);
        client.stream.runScheduledPendingTasks();
        assertThat(client.hears()).containsOnly("ping");
        client.stream.advanceTimeBy(1, TimeUnit.SECONDS);
        client.stream.runScheduledPendingTasks();
        assertThat(client.hears()).contains("close 4003 session was idle for too long");
    }

    @Test
    void whoReadsIsNeverIdle() {
        Client client = new Client("ada").says(START);
        client.stream.advanceTimeBy(10, TimeUnit.MINUTES);
        client.stream.runScheduledPendingTasks();
        assertThat(client.hears()).containsOnly("ping");
    }

    @Test
    void aPingIsAnsweredAndACloseReturned() {
        Client client = new Client("ada").says(START);
        client.frame(0x9, new byte[] {'h', 'i'});
        assertThat(client.hears()).containsExactly("pong hi");
        client.frame(0x8, new byte[] {0x03, (byte) 0xe8});
        assertThat(client.hears()).containsExactly("close 1000");
        assertThat(client.stream.isOpen()).isFalse();
        assertThat(log.wants(Level.DEBUG)).isFalse();
    }

    @Test
    void aReaderWhoDoesNotReadMissesLinesAndIsToldHowMany() {
        Client client = new Client("ada").says(START);
        client.canTakeMore(false);
        for (int i = 0; i < LogSession.QUEUE + 25; i++) {
            log.info("line " + i);
        }
        assertThat(client.hears())
                .as("nothing is pressed on a stream that takes nothing")
                .isEmpty();
        assertThat(metrics.text(0, 0)).contains("sallyport_tunnel_log_lines_dropped 25");
        client.canTakeMore(true);
        List<String> read = client.reads();
        assertThat(read).hasSize(LogSession.QUEUE + 1).contains("line 0", "line " + (LogSession.QUEUE - 1));
        assertThat(read.getFirst()).startsWith("Log lines were dropped");
    }

    @Test
    void whatTheWireSaysIsNotSentOverTheWire() {
        Client client = new Client("ada").says(START);
        log.transport(Level.ERROR, "a frame was written");
        assertThat(client.hears()).isEmpty();
    }
}
