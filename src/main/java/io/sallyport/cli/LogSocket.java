package io.sallyport.cli;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that receives a connector's log. It uses Netty, because the JDK's client does not permit a {@code Host} header of one's
 * own: the connection goes to the API's address and asks for the management host, which need not resolve.
 */
final class LogSocket implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int LONGEST_REFUSAL = 64 << 10;
    private static final int LONGEST_MESSAGE = 4 << 20;

    /** How it ended: code and reason of the other side's close frame. */
    record End(int code, String reason) {}

    /** The gateway or the connector refused the WebSocket. */
    static final class Refused extends Exception {
        private final int status;
        private final String body;

        Refused(int status, String body) {
            super("the gateway answered " + status);
            this.status = status;
            this.body = body;
        }

        int status() {
            return status;
        }

        String body() {
            return body;
        }
    }

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private final URI url;
    private final String host;
    private final Optional<TrustManagerFactory> trusted;
    private volatile @Nullable Channel channel;

    /**
     * @param url the address to connect to, {@code ws} or {@code wss}
     * @param host the value of the {@code Host} header
     * @param trusted the only authorities to trust; empty for the JDK's
     */
    LogSocket(URI url, String host, Optional<TrustManagerFactory> trusted) {
        this.url = url;
        this.host = host;
        this.trusted = trusted;
    }

    /**
     * Sends one message and passes on every text that arrives, until the other side ends the connection.
     *
     * @throws Refused when the WebSocket is refused
     * @throws CommandFailure when nobody answers
     */
    End read(String first, Consumer<String> texts) throws Refused {
        boolean isTls = "wss".equals(url.getScheme());
        int port = url.getPort() > 0 ? url.getPort() : isTls ? 443 : 80;
        String name = url.getHost().replaceAll("[\\[\\]]", "");
        SslContext tls = isTls ? trusting() : null;
        ChannelFuture dialled = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) PATIENCE.toMillis())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        if (tls != null) {
                            opened.pipeline().addLast(tls.newHandler(opened.alloc(), name, port));
                        }
                        opened.pipeline()
                                .addLast(
                                        new HttpClientCodec(),
                                        new HttpObjectAggregator(LONGEST_REFUSAL),
                                        new WebSocketFrameAggregator(LONGEST_MESSAGE),
                                        new Conversation(first, texts));
                    }
                })
                .connect(name, port);
        channel = dialled.channel();
        dialled.addListener(done -> {
            if (!done.isSuccess()) {
                end.completeExceptionally(done.cause());
            }
        });
        return outcome();
    }

    private End outcome() throws Refused {
        try {
            return end.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof Refused refused) {
                throw refused;
            }
            throw new CommandFailure(Trouble.with(url, cause == null ? failed : cause), failed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    private SslContext trusting() {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            trusted.ifPresent(builder::trustManager);
            return builder.build();
        } catch (SSLException e) {
            throw new CommandFailure("this Java has no TLS: " + e.getMessage(), e);
        }
    }

    /** Sends a close frame if the connection is still open. */
    @Override
    public void close() {
        Channel open = channel;
        if (open != null && open.isActive()) {
            open.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                    .awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** The handshake, and the messages after it. */
    private final class Conversation extends SimpleChannelInboundHandler<Object> {
        private final WebSocketClientHandshaker handshaker;
        private final String first;
        private final Consumer<String> texts;

        Conversation(String first, Consumer<String> texts) {
            HttpHeaders headers = new DefaultHttpHeaders()
                    .set(HttpHeaderNames.HOST, host)
                    .set(HttpHeaderNames.USER_AGENT, EdgeHttp.USER_AGENT);
            this.handshaker = WebSocketClientHandshakerFactory.newHandshaker(
                    url, WebSocketVersion.V13, null, false, headers, LONGEST_MESSAGE);
            this.first = first;
            this.texts = texts;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            handshaker.handshake(ctx.channel());
            ctx.executor()
                    .schedule(
                            () -> {
                                if (!handshaker.isHandshakeComplete()) {
                                    failed(
                                            ctx,
                                            new java.io.IOException(
                                                    "no answer in " + PATIENCE.toSeconds() + " seconds"));
                                }
                            },
                            PATIENCE.toMillis(),
                            TimeUnit.MILLISECONDS);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Object message) {
            switch (message) {
                case FullHttpResponse answer
                when answer.status().code() != 101 ->
                    failed(
                            ctx,
                            new Refused(answer.status().code(), answer.content().toString(StandardCharsets.UTF_8)));
                case FullHttpResponse accepted -> {
                    handshaker.finishHandshake(ctx.channel(), accepted);
                    ctx.writeAndFlush(new TextWebSocketFrame(first));
                }
                case TextWebSocketFrame text -> texts.accept(text.text());
                case PingWebSocketFrame ping ->
                    ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
                case CloseWebSocketFrame close -> {
                    end.complete(new End(
                            close.statusCode() < 0 ? WebSocketCloseStatus.NORMAL_CLOSURE.code() : close.statusCode(),
                            close.reasonText()));
                    ctx.close();
                }
                default -> {}
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end.complete(new End(WebSocketCloseStatus.ABNORMAL_CLOSURE.code(), "the connection broke off"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failed(ctx, cause);
        }

        private void failed(ChannelHandlerContext ctx, Throwable cause) {
            end.completeExceptionally(cause);
            ctx.close();
        }
    }
}
