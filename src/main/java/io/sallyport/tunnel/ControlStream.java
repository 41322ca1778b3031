package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.sallyport.http.FrameQuota;
import io.sallyport.tunnel.wire.Body;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcConnection.Reply;
import io.sallyport.tunnel.wire.RpcFailure;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.WireRefusal;
import io.sallyport.tunnel.wire.Withdrawals;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connector's control stream: it registers here, later unregisters, and may show its local rules. The same over both
 * transports; this handler sees bytes. A connector that has not registered after five seconds is disconnected (TU-03).
 */
final class ControlStream extends SimpleChannelInboundHandler<ByteBuf> implements RpcConnection.Service {
    private static final Logger LOG = LoggerFactory.getLogger(ControlStream.class);
    private static final int LONGEST_BEFORE = 64 * 1024;
    private static final int LONGEST_AFTER = 1 << 20;
    private static final long PATIENCE_SECONDS = 5;
    /**
     * RPC messages a connector may send per second (TU-07). It needs a handful in its lifetime, plus one answer per call about
     * revocations; a flood of messages only occupies the event loop.
     */
    private static final int MESSAGES_A_SECOND = 1_000;

    private final Registrar registrar;
    private final TunnelTransport transport;
    private @Nullable RpcConnection rpc;
    private @Nullable TunnelConnection connection;
    private boolean isRefused;

    ControlStream(Registrar registrar, TunnelTransport transport) {
        this.registrar = registrar;
        this.transport = transport;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        rpc = new RpcConnection(ctx::writeAndFlush, this, LONGEST_BEFORE)
                .paced(new FrameQuota(MESSAGES_A_SECOND, Duration.ofSeconds(1))::admitsOneMore);
        ctx.executor().schedule(this::giveUpUnlessRegistered, PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void giveUpUnlessRegistered() {
        if (connection == null && transport.isOpen()) {
            LOG.info("{} did not register in time", transport.remoteAddress());
            transport.close("it did not register in time");
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
        try {
            rpc().receive(bytes);
        } catch (WireRefusal refused) {
            LOG.info("{} is disconnected: {}", transport.remoteAddress(), refused.getMessage());
            rpc().abort(new RpcFailure(RpcFailure.Kind.FAILED, String.valueOf(refused.getMessage())));
            transport.close("it broke the protocol: " + refused.getMessage());
        }
    }

    @Override
    public void called(long interfaceId, int method, StructIn params, Reply reply) {
        ControlCall call = ControlCall.read(interfaceId, method, params);
        TunnelConnection registered = connection;
        switch (call) {
            case null -> reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "no such method"));
            case ControlCall.Register register when registered == null && !isRefused -> register(register, reply);
            case ControlCall.Unregister _
            when registered != null -> {
                registrar.unregister(registered);
                reply.results(Body.EMPTY);
            }
            case ControlCall.LocalConfiguration local
            when registered != null -> {
                registrar.keep(registered, local.json());
                reply.results(Body.EMPTY);
            }
            case ControlCall.Register _, ControlCall.Unregister _, ControlCall.LocalConfiguration _ ->
                throw new WireRefusal("a call out of order");
        }
    }

    private void register(ControlCall.Register call, Reply reply) {
        switch (registrar.register(call, transport)) {
            case Registrar.Outcome.Refused refused -> {
                isRefused = true; // one attempt per handshake
                reply.results(refused.result().results());
                transport
                        .executor()
                        .schedule(
                                () -> transport.close("refused"),
                                TunnelConnection.LINGER_MILLIS,
                                TimeUnit.MILLISECONDS);
            }
            case Registrar.Outcome.Accepted accepted -> {
                connection = accepted.connection();
                transport.settled(connection.features());
                rpc().allow(LONGEST_AFTER);
                reply.results(new RegistrationResult.Registered(
                                accepted.connection().id(),
                                registrar.location(),
                                accepted.grant().remotelyManaged())
                        .results());
                registrar.configure(accepted.connection(), accepted.grant());
                if (accepted.connection().features().contains(Withdrawals.FEATURE)) {
                    registrar.inform(
                            transport,
                            (told, then) -> rpc().call(Withdrawals.INTERFACE, Withdrawals.METHOD, told.params(), then));
                }
            }
        }
    }

    /** The connector ended the conversation; running requests may finish. */
    @Override
    public void ended(String reason) {
        over();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            over();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("{}: the control stream failed", transport.remoteAddress(), cause);
        transport.close("its control stream failed");
    }

    /**
     * Closes the whole connection, because cloudflared does not notice the loss of its control stream alone.
     */
    private void over() {
        TunnelConnection registered = connection;
        if (registered == null) {
            transport.close("it left without registering");
        } else {
            registrar.controlEnded(registered);
        }
    }

    private RpcConnection rpc() {
        RpcConnection conversation = rpc;
        if (conversation == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return conversation;
    }
}
