package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Promise;

/**
 * Knows when another replica has taken a request, that is: has a connection for it. Until then nothing of the visitor's body is read,
 * so that a request whose holder just went away can still go elsewhere. Without a body nobody waits for it.
 */
final class Acceptance extends ChannelInboundHandlerAdapter {
    /** What the codec fires at an interim answer, which is how it is said. */
    enum Interim {
        ANSWER
    }

    private static final AttributeKey<Promise<Void>> TAKEN = AttributeKey.valueOf("sallyport.replica.taken");

    private final Promise<Void> taken;

    /** @param stream which it is about */
    Acceptance(Channel stream) {
        taken = stream.eventLoop().newPromise();
        stream.attr(TAKEN).set(taken);
    }

    /** Runs it when the request is taken: at once unless it is another replica's to take. */
    static void whenTaken(Channel stream, Runnable then) {
        Promise<Void> taken = stream.attr(TAKEN).get();
        if (taken == null) {
            then.run();
        } else {
            stream.flush(); // the head alone, which otherwise leaves with the body
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
