package io.sallyport.connector;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One WebSocket at the {@code /logs} of a connector: handles the client's messages and
 * sends the lines it asked for. A line is queued by the thread that logs it and sent on the stream's loop while the
 * stream takes it; when the queue is full it is dropped and counted, so a slow reader does not delay the connector.
 */
final class LogSession extends ChannelInboundHandlerAdapter {
    /** Close code: the first message was not a start. */
    static final int NOT_STARTED = 4001;
    /** Close code: another person is reading the log. */
    static final int TAKEN = 4002;
    /** Close code: the client has not asked for anything for too long. */
    static final int IDLE = 4003;

    static final Duration LONGEST_IDLE = Duration.ofMinutes(5);
    private static final Duration PING = Duration.ofSeconds(15);
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private static final int LONGEST_MESSAGE = 64 << 10;
    static final int QUEUE = 512;
    private static final int LINES_AT_ONCE = 32;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final LogReaders readers;
    private final String actor;
    private final Duration patience;
    private final BlockingQueue<LogLine> queue = new ArrayBlockingQueue<>(QUEUE);
    private final AtomicLong missed = new AtomicLong();
    private final AtomicBoolean isSendingDue = new AtomicBoolean();
    private volatile @Nullable LogFilter filter;
    private volatile @Nullable ChannelHandlerContext context;
    private final Pongs pongs = new Pongs();
    private Instant sentUpTo = Instant.EPOCH;
    private boolean isStarted;
    private boolean isClosing;
    private @Nullable Future<?> pings;
    private @Nullable Future<?> idle;

    /**
     * @param actor the reader, from the token
     * @param patience how long a client may be idle
     */
    LogSession(LogReaders readers, String actor, Duration patience) {
        this.readers = readers;
        this.actor = actor;
        this.patience = patience;
    }

    /** Adds the protocol to a stream of bytes. */
    void addTo(ChannelPipeline pipeline) {
        pipeline.addLast(
                new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                        .maxFramePayloadLength(LONGEST_MESSAGE)
                        .expectMaskedFrames(true)
                        .allowExtensions(false)
                        .build()),
                new WebSocket13FrameEncoder(false),
                new WebSocketFrameAggregator(LONGEST_MESSAGE),
                this);
    }

    String actor() {
        return actor;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        pings = ctx.executor()
                .scheduleAtFixedRate(
                        () -> ctx.writeAndFlush(new PingWebSocketFrame()),
                        PING.toMillis(),
                        PING.toMillis(),
                        TimeUnit.MILLISECONDS);
        waitIdly(ctx);
    }

    private void waitIdly(ChannelHandlerContext ctx) {
        idle = ctx.executor()
                .schedule(
                        () -> close(ctx, IDLE, "session was idle for too long"),
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            switch (message) {
                case TextWebSocketFrame text -> command(ctx, text.text());
                case PingWebSocketFrame ping -> pongs.answer(ctx, ping.content().retain());
                case PongWebSocketFrame _ -> {}
                case CloseWebSocketFrame close ->
                    close(
                            ctx,
                            close.statusCode() < 0 ? WebSocketCloseStatus.NORMAL_CLOSURE.code() : close.statusCode(),
                            "");
                default -> unexpected(ctx, "only text");
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void command(ChannelHandlerContext ctx, String text) {
        JsonNode command;
        try {
            command = JSON.readTree(text);
        } catch (JacksonException notJson) {
            unexpected(ctx, "not JSON");
            return;
        }
        switch (command.path("type").asString("")) {
            case "start_streaming" -> start(ctx, command.path("filters"));
            case "stop_streaming" -> stop(ctx);
            default -> unexpected(ctx, "type must be start_streaming or stop_streaming");
        }
    }

    private void start(ChannelHandlerContext ctx, JsonNode filters) {
        LogFilter wanted;
        try {
            wanted = LogFilter.read(filters);
        } catch (LogFilter.Unclear unclear) {
            close(ctx, NOT_STARTED, String.valueOf(unclear.getMessage()));
            return;
        }
        if (isClosing) {
            return;
        }
        if (!readers.begin(this)) {
            close(ctx, TAKEN, "limit exceeded for streaming sessions");
            return;
        }
        isStarted = true;
        filter = wanted;
        cancel(idle);
    }

    private void stop(ChannelHandlerContext ctx) {
        if (!isStarted) {
            unexpected(ctx, "");
        } else if (filter != null) {
            filter = null;
            readers.end(this);
            queue.clear();
            waitIdly(ctx);
        }
    }

    private void unexpected(ChannelHandlerContext ctx, String what) {
        if (isStarted) {
            close(ctx, WebSocketCloseStatus.INVALID_MESSAGE_TYPE.code(), what);
        } else {
            close(ctx, NOT_STARTED, "expected start streaming as first event");
        }
    }

    /** Queues a line. May be called on any thread; never waits. False when the line was asked for and the queue is full. */
    boolean offer(LogLine line) {
        LogFilter wanted = filter;
        ChannelHandlerContext ctx = context;
        if (wanted == null || ctx == null || !wanted.takes(line, ThreadLocalRandom.current()::nextDouble)) {
            return true;
        }
        boolean hasRoom = queue.offer(line);
        if (!hasRoom) {
            missed.incrementAndGet();
        }
        if (isSendingDue.compareAndSet(false, true)) {
            ctx.executor().execute(() -> send(ctx));
        }
        return hasRoom;
    }

    /** Sends queued lines while the stream takes them; the rest is sent when it becomes writable. */
    private void send(ChannelHandlerContext ctx) {
        isSendingDue.set(false);
        while (!isClosing && ctx.channel().isWritable()) {
            List<Map<String, Object>> lines = new ArrayList<>();
            long lost = missed.getAndSet(0);
            if (lost > 0) {
                lines.add(gap(lost));
            }
            for (LogLine line = queue.poll(); line != null; line = lines.size() < LINES_AT_ONCE ? queue.poll() : null) {
                sentUpTo = line.at();
                lines.add(line.json());
            }
            if (lines.isEmpty()) {
                break;
            }
            byte[] json = JSON.writeValueAsBytes(Map.of("type", "logs", "logs", lines));
            ctx.write(new TextWebSocketFrame(Unpooled.wrappedBuffer(json)));
        }
        ctx.flush();
    }

    private Map<String, Object> gap(long lost) {
        return new LogLine(
                        sentUpTo,
                        ConnectorLog.Level.WARN,
                        LogLine.Kind.CLOUDFLARED,
                        "Log lines were dropped: the reader is too slow",
                        List.of("dropped", Long.toString(lost)))
                .json();
    }

    /** Ends this session, because the same person began another one. */
    void replaced() {
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            ctx.executor()
                    .execute(() ->
                            close(ctx, WebSocketCloseStatus.NORMAL_CLOSURE.code(), "another session took its place"));
        }
    }

    private void close(ChannelHandlerContext ctx, int code, String reason) {
        if (isClosing) {
            return;
        }
        isClosing = true;
        end();
        ctx.writeAndFlush(new CloseWebSocketFrame(code, reason)).addListener(sent -> ctx.close());
        ctx.executor().schedule(() -> ctx.close(), FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void end() {
        filter = null;
        readers.end(this);
        queue.clear();
        pongs.drop();
        cancel(pings);
        cancel(idle);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        ctx.read();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            send(ctx);
        }
        ctx.fireChannelWritabilityChanged();
    }

    /** The edge has ended its side, so the reader is gone. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        isClosing = true;
        end();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
