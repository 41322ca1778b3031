package io.sallyport.tunnel.wire;

import io.netty.handler.codec.quic.QuicChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Non-public methods of Netty's QUIC connections (4.2.18). We call them because there is no public alternative. A
 * version of Netty without them fails when this class is loaded.
 */
final class QuicInternals {
    private static final MethodHandle STREAM_CLOSED =
            method("streamClosed", MethodType.methodType(void.class, QuicChannel.class, long.class));
    private static final MethodHandle STREAM_CAPACITY =
            method("streamCapacity", MethodType.methodType(long.class, QuicChannel.class, long.class));
    private static final MethodHandle BEGIN_ROUND =
            method("markInFireChannelReadCompleteQueue", MethodType.methodType(boolean.class, QuicChannel.class));
    private static final MethodHandle END_ROUND =
            method("recvComplete", MethodType.methodType(void.class, QuicChannel.class));

    private QuicInternals() {}

    private static MethodHandle method(String name, MethodType type) {
        try {
            Class<?> connection = Class.forName(QuicChannel.class.getPackageName() + ".QuicheQuicChannel");
            return MethodHandles.privateLookupIn(connection, MethodHandles.lookup())
                    .findVirtual(connection, name, type.dropParameterTypes(0, 1))
                    .asType(type);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this version of Netty has no method " + name + " in its QUIC connections", e);
        }
    }

    /** Removes a stream from the connection's map. */
    static void streamClosed(QuicChannel connection, long stream) {
        try {
            STREAM_CLOSED.invokeExact(connection, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** How many bytes the stream may send now, or quiche's error, which is negative. */
    static long streamCapacity(QuicChannel connection, long stream) {
        try {
            return (long) STREAM_CAPACITY.invokeExact(connection, stream);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Begins a round: nothing is sent until it ends. False if a round had begun before, which then ends by itself. */
    static boolean beginRound(QuicChannel connection) {
        try {
            return (boolean) BEGIN_ROUND.invokeExact(connection);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Ends a round that {@link #beginRound} began, and sends what was written in it. */
    static void endRound(QuicChannel connection) {
        try {
            END_ROUND.invokeExact(connection);
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
}
