package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.sallyport.tunnel.wire.RpcConnection;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** The very octets of a conversation in which one end asks and the other answers that it knows nothing, again and again. */
final class Questions {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Deque<ByteBuf> there = new ArrayDeque<>();
    private final Deque<ByteBuf> back = new ArrayDeque<>();
    private final RpcConnection edge = new RpcConnection(back::add, new NoService(), 1 << 16);
    private final RpcConnection connector = new RpcConnection(there::add, new NoService(), 1 << 16);

    private Questions() {}

    /** What is said by the end that asks, so many times. */
    static byte[] octets(int times, Consumer<RpcConnection> ask) {
        Questions questions = new Questions();
        for (int i = 0; i < times; i++) {
            questions.ask(ask);
        }
        return questions.said.toByteArray();
    }

    private void ask(Consumer<RpcConnection> question) {
        question.accept(connector);
        while (!there.isEmpty() || !back.isEmpty()) {
            deliver(there, edge, said);
            deliver(back, connector, new ByteArrayOutputStream());
        }
    }

    private static void deliver(Deque<ByteBuf> messages, RpcConnection to, ByteArrayOutputStream heard) {
        for (ByteBuf message = messages.poll(); message != null; message = messages.poll()) {
            heard.writeBytes(ByteBufUtil.getBytes(message));
            to.receive(message);
            message.release();
        }
    }
}
