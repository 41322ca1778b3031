package io.sallyport.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sallyport.tunnel.wire.ConnectionOptions;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcFailure;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.TunnelAuth;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A connector made for tests: it says over the wire whatever a test wants it to, right or wrong, and answers requests with a script.
 * {@link TestConnectorHttp2} and {@link TestConnectorQuic} are its two transports.
 */
public abstract class TestConnector implements AutoCloseable {
    static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("test-connector", true), NioIoHandler.newFactory());

    /** Who it says it is. */
    public record Claim(String account, UUID tunnel, byte[] secret, UUID client, int index) {}

    /** One request from the edge, and the ways to answer it. */
    public abstract static class Request {
        public String kind = "";
        public String method = "";
        public String host = "";
        public String path = "";
        public final List<Field> fields = new ArrayList<>();
        /** The body up to now. */
        public final ByteBuf body = Unpooled.buffer();
        /** Ends with the body; fails when the edge broke it off. */
        public final CompletableFuture<Void> received = new CompletableFuture<>();
        /** Ends when the edge gave the request up. */
        public final CompletableFuture<Void> cancelled = new CompletableFuture<>();
        /** Told of each piece of the body, on the event loop. */
        public volatile Consumer<byte[]> onPiece = piece -> {};

        /** The only value of a field, empty when it is missing. */
        public String field(String name) {
            return fields.stream()
                    .filter(field -> field.name().equalsIgnoreCase(name))
                    .map(Field::value)
                    .findFirst()
                    .orElse("");
        }

        /** Head and whole body. */
        public void answer(int status, String text, Field... headers) {
            head(status, List.of(headers));
            write(text.getBytes(StandardCharsets.UTF_8));
            end();
        }

        /** The head of an answer by the origin. */
        public abstract void head(int status, List<Field> headers);

        /** A piece of the body. */
        public abstract void write(byte[] bytes);

        /** The end of the body. */
        public abstract void end();

        /** The end of the body with trailers, where the transport has them. */
        public abstract void end(List<Field> trailers);

        /** Says that the origin could not be reached. */
        public abstract void originUnreachable();

        /** Breaks the answer off. */
        public abstract void reset();

        /** The channel of the stream, for whatever else a test is up to. */
        public abstract Channel stream();
    }

    protected final Claim claim;
    private final String version;
    private final String architecture;
    protected final CompletableFuture<RegistrationResult> registration = new CompletableFuture<>();
    protected final CompletableFuture<Void> closed = new CompletableFuture<>();
    protected final BlockingQueue<String> configurations = new LinkedBlockingQueue<>();
    protected final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    protected volatile Consumer<Request> script = request -> request.answer(200, "ok");
    private volatile Channel control;
    private volatile RpcConnection rpc;

    protected TestConnector(Claim claim) {
        this(claim, "test", "linux_amd64");
    }

    /**
     * One that calls itself so.
     *
     * @param architecture as connectors spell their system
     */
    protected TestConnector(Claim claim, String version, String architecture) {
        this.claim = claim;
        this.version = version;
        this.architecture = architecture;
    }

    /** Answers requests this way from now on. */
    public TestConnector answering(Consumer<Request> next) {
        script = next;
        return this;
    }

    /** What the edge said to the registration. */
    public RegistrationResult registration() {
        return await(registration);
    }

    /** Fails unless it was let in. */
    public TestConnector registered() {
        if (!(registration() instanceof RegistrationResult.Registered)) {
            throw new AssertionError("not registered: " + registration());
        }
        return this;
    }

    /** The next configuration that the edge pushed, as {@code version:json}. */
    public String configuration() throws InterruptedException {
        String pushed = configurations.poll(30, TimeUnit.SECONDS);
        if (pushed == null) {
            throw new AssertionError("no configuration was pushed");
        }
        return pushed;
    }

    /** How many requests came so far. */
    public int requests() {
        return requests.get();
    }

    /** How often the edge called us on the control stream, which it never does to a stock cloudflared. */
    public int asked() {
        return asked.get();
    }

    /** Ends when the edge, or this, closed the connection. */
    public CompletableFuture<Void> closed() {
        return closed;
    }

    /** Calls the edge; ends with its answer. */
    public CompletableFuture<RpcConnection.Answer> call(ControlCall call) {
        CompletableFuture<RpcConnection.Answer> answered = new CompletableFuture<>();
        control.eventLoop()
                .execute(() -> rpc.call(ControlCall.INTERFACE, call.method(), call.params(), answered::complete));
        return answered;
    }

    /** Says goodbye on the control stream. */
    public void goodbye() {
        control.eventLoop().execute(() -> rpc.goodbye());
    }

    /** Writes bytes onto the control stream. */
    public void control(byte[] bytes) {
        control.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    /** The control stream itself. */
    public Channel control() {
        return control;
    }

    /** The connection itself. */
    public abstract Channel connection();

    /** Tears the connection without a word. */
    @Override
    public void close() {
        connection().close().syncUninterruptibly();
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The control stream, once it is a stream of bytes. */
    protected final class Control extends SimpleChannelInboundHandler<ByteBuf> implements RpcConnection.Service {
        private final boolean registers;

        Control(boolean registers) {
            this.registers = registers;
        }

        /** Begins the conversation. */
        public void begin(Channel channel) {
            control = channel;
            rpc = new RpcConnection(channel::writeAndFlush, this, 1 << 20);
            if (!registers) {
                return;
            }
            ControlCall.Register call = new ControlCall.Register(
                    new TunnelAuth(claim.account(), new TunnelSecret(claim.secret())),
                    claim.tunnel(),
                    claim.index(),
                    new ConnectionOptions(
                            claim.client(),
                            List.of("serialized_headers"),
                            version,
                            architecture,
                            new byte[0],
                            false,
                            0,
                            0));
            rpc.call(ControlCall.INTERFACE, call.method(), call.params(), answer -> {
                switch (answer) {
                    case RpcConnection.Answer.Results results ->
                        registration.complete(RegistrationResult.read(results.content()));
                    case RpcConnection.Answer.Failed failed ->
                        registration.completeExceptionally(new AssertionError(failed.reason()));
                }
            });
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
            rpc.receive(bytes);
        }

        @Override
        public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
            asked.incrementAndGet();
            reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "test"));
        }

        @Override
        public void ended(String reason) {}
    }
}
