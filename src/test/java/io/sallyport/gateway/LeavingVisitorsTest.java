package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.withSettings;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestTarget;
import io.sallyport.identity.TunnelId;
import io.sallyport.tunnel.TunnelAddress;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.tunnel.TunnelPath;
import io.sallyport.tunnel.TunnelPaths;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.netty.http.server.HttpServerResponse;
import reactor.util.context.Context;

/**
 * Visitors who leave while a stream opens for them or their WebSocket begins: whatever was opened is closed, and nothing is sent for
 * them. Where their leaving meets that on another thread, reactor-core (3.8.8) may lose it between two instructions. No test meets
 * them reliably, so that operators are made here that always lose.
 */
class LeavingVisitorsTest {
    private static final TunnelAddress TUNNEL = TunnelAddress.of(new TunnelId(UUID.randomUUID()));
    private static final WebSocketRelay.Watch NOBODY = (cut, whole) -> whole;

    private final WebSocketRelay relay = new WebSocketRelay();
    private final Visitor visitor = new Visitor();
    private final Slow slow = new Slow();

    /** {@code MonoFlatMap.cancel} reads that there is no inner part, and then finds one. */
    @Test
    void aWebSocketIsOverThoughFlatMapLosesThatItsVisitorLeft() {
        EmbeddedChannel stream = new EmbeddedChannel();
        losing(
                "MonoFlatMap",
                () -> relay.relay(exchange(), "/", Mono.create(sink -> sink.success(stream)), NOBODY)
                        .subscribe(visitor));

        visitor.cancel();

        assertThat(stream.isOpen()).isFalse();
    }

    /** {@code MonoCreate} drops a value that comes while it is being cancelled, without discarding it. */
    @Test
    void aStreamThatOpensWhenItsVisitorHasLeftIsClosedThoughNobodyHearsOfIt() {
        Promise<Channel> opening = ImmediateEventExecutor.INSTANCE.newPromise();
        EmbeddedChannel stream = new EmbeddedChannel();
        losing(
                "MonoCreate",
                () -> tunnels(consumer -> opening).relay(TUNNEL, Mono::then).subscribe(visitor));

        visitor.cancel();
        opening.setSuccess(stream);

        assertThat(stream.isOpen()).isFalse();
    }

    @Test
    void nothingIsSentOverAStreamThatOpensWhenItsVisitorHasLeft() {
        Promise<Channel> opening = ImmediateEventExecutor.INSTANCE.newPromise();
        tunnels(consumer -> opening).forward(exchange(), "/", TUNNEL).subscribe(visitor);

        visitor.cancel();
        opening.setSuccess(new EmbeddedChannel(slow));

        assertThat(slow.isTold).as("to close").isTrue();
        assertThat(slow.written).isEmpty();
    }

    /** {@code flatMap} takes a value even when it has been cancelled. */
    @Test
    void aHandshakeIsNotSentWhenItsVisitorHasLeft() {
        AtomicReference<CoreSubscriber<? super Channel>> dialling = new AtomicReference<>();
        Mono<Channel> regardless = new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super Channel> waiting) {
                dialling.set(waiting);
                waiting.onSubscribe(Operators.emptySubscription());
            }
        };
        relay.relay(exchange(), "/", regardless, NOBODY).subscribe(visitor);

        visitor.cancel();
        dialling.get().onNext(new EmbeddedChannel(slow));

        assertThat(slow.isTold).as("to close").isTrue();
        assertThat(slow.written).isEmpty();
    }

    /** Between the opening of a stream and its first handler of the relay. */
    @Test
    void aStreamThatFailsBeforeItIsTakenEndsItsWebSocketAtOnce() {
        TunnelRouting tunnels = tunnels(consumer -> {
            EmbeddedChannel stream = new EmbeddedChannel(consumer);
            stream.pipeline().fireExceptionCaught(TunnelFailure.lost());
            return ImmediateEventExecutor.INSTANCE.newSucceededFuture(stream);
        });
        Mono<Void> visit = tunnels.relay(TUNNEL, dialled -> relay.relay(exchange(), "/", dialled, NOBODY));

        assertThatThrownBy(() -> visit.block(Duration.ofSeconds(10)))
                .hasRootCauseInstanceOf(ClosedChannelException.class);
    }

    /** Each of these operators that is assembled meanwhile loses that it is cancelled, and drops what comes afterwards. */
    private static void losing(String operator, Runnable assembly) {
        Thread here = Thread.currentThread();
        Hooks.onEachOperator(
                "losing",
                Operators.lift(
                        each -> Thread.currentThread() == here
                                && each.getClass().getSimpleName().equals(operator),
                        (each, subscriber) -> new Losing(subscriber)));
        try {
            assembly.run();
        } finally {
            Hooks.resetOnEachOperator("losing");
        }
    }

    private static final class Losing implements CoreSubscriber<Object> {
        private final CoreSubscriber<? super Object> wanting;
        private boolean isCancelled;

        Losing(CoreSubscriber<? super Object> wanting) {
            this.wanting = wanting;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            wanting.onSubscribe(new Subscription() {
                @Override
                public void request(long most) {
                    subscription.request(most);
                }

                @Override
                public void cancel() {
                    isCancelled = true;
                }
            });
        }

        @Override
        public void onNext(Object value) {
            if (!isCancelled) {
                wanting.onNext(value);
            }
        }

        @Override
        public void onError(Throwable failure) {
            wanting.onError(failure);
        }

        @Override
        public void onComplete() {
            wanting.onComplete();
        }

        @Override
        public Context currentContext() {
            return wanting.currentContext();
        }
    }

    /** Tunnels with this one path. */
    private static TunnelRouting tunnels(TunnelPath path) {
        TunnelPaths paths = mock(TunnelPaths.class, withSettings().stubOnly());
        doReturn(Optional.of(path)).when(paths).next(any(TunnelAddress.class), any());
        return new TunnelRouting(paths, Duration.ofMinutes(1));
    }

    private static ServerWebExchange exchange() {
        RequestTarget target = ((RequestTarget.Parsed.Accepted) RequestTarget.parse("app.localhost", "/")).target();
        RequestContext context = new RequestContext(
                target,
                RequestContext.Face.APPLICATION,
                InetAddress.getLoopbackAddress(),
                false,
                "http",
                "0123456789abcdef");
        MockServerHttpRequest request = MockServerHttpRequest.get("/").build();
        MockServerWebExchange arrived = MockServerWebExchange.from(request);
        AccessRecord.begin(arrived, context.ray(), 1);
        HttpServerResponse connection =
                mock(HttpServerResponse.class, withSettings().stubOnly());
        ServerHttpResponse response = new MockServerHttpResponse() {
            @Override
            @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
            public <T> T getNativeResponse() {
                return (T) connection;
            }
        };
        return arrived.mutate()
                .request(new EdgeRequest(request, context, new DefaultHttpHeaders(), false))
                .response(response)
                .build();
    }

    /** Waits for the end, and wants to hear nothing more after leaving. */
    private static final class Visitor extends BaseSubscriber<Void> {
        private static final Consumer<Throwable> NOTHING = dropped -> {};

        @Override
        public Context currentContext() {
            return Context.of("reactor.onErrorDropped.local", NOTHING);
        }
    }

    /** Takes its time to close, and notes what is written meanwhile. */
    private static final class Slow extends ChannelOutboundHandlerAdapter {
        private final List<Object> written = new ArrayList<>();
        private boolean isTold;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            written.add(message);
        }

        @Override
        public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
            isTold = true;
        }
    }
}
