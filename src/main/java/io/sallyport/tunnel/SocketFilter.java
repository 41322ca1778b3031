package io.sallyport.tunnel;

import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A program by which Linux chooses among the sockets that share a UDP port (SO_ATTACH_REUSEPORT_CBPF, socket(7)). It runs in the
 * kernel for each datagram and returns the number of a socket, in the order in which they were bound: the remainder of the first two
 * bytes of the datagram's QUIC connection id. An id that a client has made up leads to any socket, ours to the one that we mean.
 */
final class SocketFilter {
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_REUSEPORT_CBPF = 51;

    /** Classic BPF instructions, from linux/bpf_common.h. */
    private static final int LOAD_BYTE = 0x30;

    private static final int LOAD_SHORT = 0x28;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_SET = 0x45;
    private static final int REMAINDER = 0x94;
    private static final int RETURN = 0x16;

    /** Set in packets with a long header, whose connection id comes behind version and length (RFC 8999 §5.1, §5.2). */
    private static final int LONG_HEADER = 0x80;

    private static final int ID_IN_LONG_HEADER = 6;
    private static final int ID_IN_SHORT_HEADER = 1;

    private static final int IDS = 1 << Short.SIZE;
    /** Bytes of {@code struct sock_filter}. */
    private static final int INSTRUCTION = 8;
    /** Bytes of {@code struct sock_fprog} on 64-bit machines: a count, padding, and a pointer. */
    private static final int PROGRAM = 16;

    private static final int POINTER = 8;

    private final int[][] instructions;

    private SocketFilter(int[]... instructions) {
        this.instructions = instructions;
    }

    /** The program for so many sockets. */
    static SocketFilter byConnectionId(int sockets) {
        return new SocketFilter(
                instruction(LOAD_BYTE, 0, 0, 0),
                instruction(JUMP_IF_SET, 2, 0, LONG_HEADER),
                instruction(LOAD_SHORT, 0, 0, ID_IN_SHORT_HEADER),
                instruction(JUMP, 0, 0, 1),
                instruction(LOAD_SHORT, 0, 0, ID_IN_LONG_HEADER),
                instruction(REMAINDER, 0, 0, sockets),
                instruction(RETURN, 0, 0, 0));
    }

    /**
     * Changes an id so that the program leads to this socket.
     *
     * @param random the id, at least two bytes long
     */
    static ByteBuffer connectionId(ByteBuffer random, int socket, int sockets) {
        byte[] id = new byte[random.remaining()];
        random.get(id);
        ByteBuffer changed = ByteBuffer.wrap(id);
        int first = Short.toUnsignedInt(changed.getShort(0));
        int named = first - first % sockets + socket;
        return changed.putShort(0, (short) (named < IDS ? named : named - sockets));
    }

    /**
     * Installs it for all sockets of this one's port.
     *
     * @throws io.netty.channel.ChannelException when the system refuses it
     */
    void attach(EpollDatagramChannel socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate((long) instructions.length * INSTRUCTION, INSTRUCTION);
            ByteBuffer writing = code.asByteBuffer().order(ByteOrder.nativeOrder());
            for (int[] each : instructions) {
                writing.putShort((short) each[0])
                        .put((byte) each[1])
                        .put((byte) each[2])
                        .putInt(each[3]);
            }
            MemorySegment program = arena.allocate(PROGRAM, POINTER);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) instructions.length);
            program.set(ValueLayout.JAVA_LONG, POINTER, code.address());
            socket.config()
                    .setOption(
                            new RawUnixChannelOption(
                                    "SO_ATTACH_REUSEPORT_CBPF", SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, PROGRAM),
                            program.asByteBuffer());
        }
    }

    private static int[] instruction(int code, int ifTrue, int ifFalse, int operand) {
        return new int[] {code, ifTrue, ifFalse, operand};
    }
}
