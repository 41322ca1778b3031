package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.tunnel.wire.Body;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcConnection.Answer;
import io.sallyport.tunnel.wire.RpcConnection.Reply;
import io.sallyport.tunnel.wire.RpcFailure;
import io.sallyport.tunnel.wire.StructIn;
import io.sallyport.tunnel.wire.WireRefusal;
import io.sallyport.tunnel.wire.Withdrawals;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connector's side of the control stream. It handles bytes, so it is the same for both transports.
 * Everything happens on the connection's event loop. When it ends, the connection ends.
 */
final class ControlConversation extends SimpleChannelInboundHandler<ByteBuf> implements RpcConnection.Service {
    private static final int LONGEST = 1 << 20;
    /**
     * A method that no edge has. Its refusal serves as a heartbeat, because Netty's QUIC cannot send PING frames on
     * request.
     */
    private static final int NO_METHOD = 0xffff;

    private final Duration patience;
    private final Consumer<Withdrawals> withdrawn;
    private @Nullable ChannelHandlerContext context;
    private @Nullable RpcConnection rpc;

    /**
     * A conversation that has not begun.
     *
     * @param patience how long the edge may take to answer a call
     * @param withdrawn receives the edge's revocations
     */
    ControlConversation(Duration patience, Consumer<Withdrawals> withdrawn) {
        this.patience = patience;
        this.withdrawn = withdrawn;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        rpc = new RpcConnection(ctx::writeAndFlush, this, LONGEST);
    }

    /** Registers the connection. */
    CompletableFuture<RegistrationResult> register(ControlCall.Register call) {
        return call(call, RegistrationResult::read);
    }

    /** Shows the edge the local rules. */
    CompletableFuture<Boolean> upload(byte[] json) {
        return call(new ControlCall.LocalConfiguration(json), results -> true);
    }

    /** Asks the edge to send no more requests, and ends the conversation when it has agreed. */
    CompletableFuture<Boolean> unregister(Duration grace) {
        return call(ControlCall.INTERFACE, new ControlCall.Unregister().method(), Body.EMPTY, results -> true, grace)
                .whenComplete((done, failure) -> {
                    conversation().goodbye();
                    ctx().executor().execute(this::endOutput);
                });
    }

    /** Sends heartbeats, so that neither end considers the connection dead. */
    void stayAlive(Duration interval) {
        ScheduledFuture<?> beats = ctx().executor()
                .scheduleAtFixedRate(
                        () -> conversation().call(ControlCall.INTERFACE, NO_METHOD, Body.EMPTY, answer -> {}),
                        interval.toMillis(),
                        interval.toMillis(),
                        TimeUnit.MILLISECONDS);
        ctx().channel().closeFuture().addListener(closed -> beats.cancel(false));
    }

    private <T> CompletableFuture<T> call(ControlCall call, Function<StructIn, T> read) {
        return call(ControlCall.INTERFACE, call.method(), call.params(), read, patience);
    }

    private <T> CompletableFuture<T> call(
            long target, int method, Body params, Function<StructIn, T> read, Duration limit) {
        CompletableFuture<T> answered = new CompletableFuture<>();
        ctx().executor().execute(() -> {
            ScheduledFuture<?> timeout = ctx().executor()
                    .schedule(
                            () -> answered.completeExceptionally(
                                    new TimeoutException("the edge did not answer in " + limit.toSeconds() + " s")),
                            limit.toMillis(),
                            TimeUnit.MILLISECONDS);
            ChannelFuture end = ctx().channel().closeFuture();
            ChannelFutureListener closed =
                    over -> answered.completeExceptionally(new IllegalStateException("the edge closed the connection"));
            end.addListener(closed);
            answered.whenComplete((done, failure) -> end.removeListener(closed)); // the connection may last for months
            conversation().call(target, method, params, answer -> {
                timeout.cancel(false);
                try {
                    switch (answer) {
                        case Answer.Results results -> answered.complete(read.apply(results.content()));
                        case Answer.Failed failed ->
                            answered.completeExceptionally(new IllegalStateException(failed.reason()));
                    }
                } catch (WireRefusal malformed) {
                    answered.completeExceptionally(malformed);
                }
            });
        });
        return answered;
    }

    /** Ends our direction. The edge closes the connection when its last request is answered. */
    private void endOutput() {
        ctx().pipeline().fireUserEventTriggered(Farewell.INSTANCE);
    }

    /** Event in the pipeline when the conversation has ended. */
    enum Farewell {
        INSTANCE
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
        try {
            conversation().receive(bytes);
        } catch (WireRefusal refused) {
            ctx.channel().parent().close();
        }
    }

    /** Handles the only call of the edge: revocations. */
    @Override
    public void called(long interfaceId, int method, StructIn params, Reply reply) {
        if (interfaceId == Withdrawals.INTERFACE && method == Withdrawals.METHOD) {
            withdrawn.accept(Withdrawals.read(params));
            reply.results(Body.EMPTY);
            return;
        }
        reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "no such method"));
    }

    @Override
    public void ended(String reason) {
        ctx().channel().parent().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ctx.channel().parent().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.channel().parent().close();
    }

    private ChannelHandlerContext ctx() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    private RpcConnection conversation() {
        if (rpc == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return rpc;
    }
}
