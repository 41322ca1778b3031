package io.sallyport.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.NettyPipeline;
import reactor.netty.http.websocket.WebsocketInbound;

/** The two directions of one WebSocket between a visitor and an origin. */
final class WebSocketSession {
    private final Channel origin;
    private final RelayDirection down;
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private volatile @Nullable RelayDirection up;

    /**
     * @param record is told the bytes for the visitor
     * @param origin a channel that has not been upgraded yet
     */
    WebSocketSession(AccessRecord record, Channel origin, WebSocketRelay.Watch watch) {
        this.origin = origin;
        this.down = new RelayDirection(origin, FrameTracker.Sender.SERVER, this::end, record::sent, watch::closeCode);
    }

    /** The direction from the origin, which takes over the origin's channel once the protocol is switched. */
    RelayDirection down() {
        return down;
    }

    /** Takes over the visitor's channel once the 101 is written; completes when the visitor's connection has closed. */
    Mono<Void> begin(WebsocketInbound in) {
        in.withConnection(connection -> start(connection.channel()));
        return ended();
    }

    /** Replaces the frame codecs in the visitor's channel, which would decode the frames. */
    private void start(Channel client) {
        ChannelPipeline pipeline = client.pipeline();
        RelayDirection upwards =
                new RelayDirection(client, FrameTracker.Sender.CLIENT, this::end, bytes -> {}, () -> 0);
        pipeline.addBefore(NettyPipeline.ReactiveBridge, "sallyport.relay", upwards);
        pipeline.addBefore(NettyPipeline.ReactiveBridge, "sallyport.room", new Room(down));
        append(origin, "sallyport.room", new Room(upwards));
        pipeline.remove("wsdecoder");
        pipeline.remove("wsencoder");
        client.closeFuture().addListener(closed -> ended.tryEmitEmpty());
        upwards.to(origin);
        down.to(client);
        up = upwards; // last, because whoever sees it relies on both directions being started
    }

    /** Ends both directions with a close frame of this code, as far as that is possible. */
    void end(int code) {
        down.end(code);
        RelayDirection upwards = up;
        if (upwards != null) {
            upwards.end(code);
        }
    }

    /** Ends the session. Before closing, the origin gets what the visitor has sent; one who leaves is not asked to wait for that. */
    void over() {
        RelayDirection upwards = up;
        if (upwards == null) {
            origin.close();
            down.drop();
        } else {
            upwards.finish();
            down.discard();
        }
    }

    /** Completes when the visitor's connection has closed. */
    Mono<Void> ended() {
        return ended.asMono();
    }

    /** To the end of a pipeline; Reactor Netty's own end, where there is one, hands nothing on. */
    static void append(Channel channel, String name, ChannelHandler handler) {
        if (channel.pipeline().get(NettyPipeline.ReactiveBridge) == null) {
            channel.pipeline().addLast(name, handler);
        } else {
            channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, name, handler);
        }
    }

    /** Resumes the opposite direction when this channel becomes writable. */
    private static final class Room extends ChannelInboundHandlerAdapter {
        private final RelayDirection feeder;

        Room(RelayDirection feeder) {
            this.feeder = feeder;
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                feeder.resume();
            }
            ctx.fireChannelWritabilityChanged();
        }
    }
}
