package io.sallyport.tunnel.wire;

import io.netty.channel.Channel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The end of QUIC streams, as far as Netty (4.2.18) leaves it to others. It keeps a stream that ends before the peer's FIN, as all
 * cancelled ones do, with all its handlers in a map of its connection until the connection ends, which may be months later. And it
 * tells of STOP_SENDING only him who has something waiting to be sent. There is no public way to either, so this calls the methods by
 * which Netty itself takes a stream out and asks for its room.
 */
public final class EndedStreams {
    /** {@code QUICHE_ERR_DONE}: no room just now, which is no end. */
    private static final long DONE = -1;

    private static final MethodHandle STREAM_CLOSED =
            ofConnection("streamClosed", MethodType.methodType(void.class, QuicChannel.class, long.class));
    private static final MethodHandle STREAM_CAPACITY =
            ofConnection("streamCapacity", MethodType.methodType(long.class, QuicChannel.class, long.class));

    private EndedStreams() {}

    private static MethodHandle ofConnection(String name, MethodType type) {
        try {
            Class<?> connection = Class.forName(QuicChannel.class.getPackageName() + ".QuicheQuicChannel");
            return MethodHandles.privateLookupIn(connection, MethodHandles.lookup())
                    .findVirtual(connection, name, type.dropParameterTypes(0, 1))
                    .asType(type);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this version of Netty keeps the streams of a QUIC connection in another way", e);
        }
    }

    /** To be told of each stream when it begins, whoever opened it. */
    public static void watch(QuicStreamChannel stream) {
        stream.closeFuture().addListener(closed -> letGo(stream));
    }

    private static void letGo(QuicStreamChannel stream) {
        if (!stream.isInputShutdown()) {
            stream.shutdownInput(0); // what still arrives would otherwise come out as a new stream
        }
        try {
            STREAM_CLOSED.invokeExact(stream.parent(), stream.streamId());
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Whether the peer has said that it takes no more of this stream, by STOP_SENDING or by ending the connection. */
    public static boolean isUnwanted(QuicStreamChannel stream) {
        try {
            long room = (long) STREAM_CAPACITY.invokeExact(stream.parent(), stream.streamId());
            return room < 0 && room != DONE;
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static RuntimeException unexpected(Throwable e) {
        return switch (e) {
            case Error error -> throw error;
            case RuntimeException runtime -> runtime;
            default -> new IllegalStateException("a method without checked exceptions threw one", e);
        };
    }

    /** Ends a stream at once, in both directions: what was not sent is not, and what comes is not wanted. */
    public static void abandon(Channel stream) {
        if (stream instanceof QuicStreamChannel quic && quic.isActive()) {
            quic.shutdown(0);
        }
        stream.close();
    }
}
