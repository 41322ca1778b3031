package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Promise;

/**
 * Waits until another replica has accepted a forwarded request, which means that it has a tunnel connection for it.
 * Until then the visitor's body is not read, so that the request can still be sent to a third replica. Requests without
 * a body do not wait.
 */
final class Acceptance extends ChannelInboundHandlerAdapter {
    /** Event that the codec fires at an interim response, by which the other replica accepts. */
    enum Interim {
        ANSWER
    }

    private static final AttributeKey<Promise<Void>> TAKEN = AttributeKey.valueOf("sallyport.replica.taken");

    private final Promise<Void> taken;

    /** @param stream the stream of the forwarded request */
    Acceptance(Channel stream) {
        taken = stream.eventLoop().newPromise();
        stream.attr(TAKEN).set(taken);
    }

    /** Runs a task when the request is accepted; immediately unless another replica has to accept it. */
    static void whenTaken(Channel stream, Runnable then) {
        Promise<Void> taken = stream.attr(TAKEN).get();
        if (taken == null) {
            then.run();
        } else {
            stream.flush(); // sends the head now; it would otherwise be sent with the body
            taken.addListener(done -> then.run());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Interim.ANSWER) {
            taken.trySuccess(null);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }
}
