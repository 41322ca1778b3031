package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.FrameQuota;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcFailure;
import io.sallyport.tunnel.wire.StructIn;
import java.time.Duration;
import java.util.function.Consumer;

/** Offers no methods to the other end. */
final class NoService implements RpcConnection.Service {
    /** Bytes of one message. */
    private static final int LONGEST = 64 * 1024;
    /** Messages in {@link #A_WHILE}; a legitimate exchange is one call. */
    private static final int MOST = 100;

    private static final Duration A_WHILE = Duration.ofSeconds(5);

    /**
     * A conversation on a stream other than the control stream, in which only we call methods.
     *
     * @param sink takes messages for the connector, and owns them
     */
    static RpcConnection aside(Consumer<ByteBuf> sink) {
        return new RpcConnection(sink, new NoService(), LONGEST).paced(new FrameQuota(MOST, A_WHILE)::admitsOneMore);
    }

    @Override
    public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
        reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "no such method"));
    }

    @Override
    public void ended(String reason) {}
}
