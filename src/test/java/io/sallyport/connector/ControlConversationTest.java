package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.testkit.Heap;
import io.sallyport.tunnel.wire.Body;
import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.StructIn;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ControlConversationTest {
    private final ControlConversation conversation = new ControlConversation(Duration.ofSeconds(5), withdrawn -> {});
    private final EmbeddedChannel stream = new EmbeddedChannel(conversation);
    private final RpcConnection edge = new RpcConnection(stream::writeInbound, new Agreeable(), 1 << 20);

    /** Rules that are shown at every change of a file, over a connection that lasts for months. */
    @Test
    void nothingIsKeptOfACallThatWasAnswered() {
        List<WeakReference<CompletableFuture<Boolean>>> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(new WeakReference<>(answered()));
        }

        Heap.count(ControlConversation.class.getName()); // collects first

        assertThat(calls).filteredOn(call -> call.get() != null).hasSizeLessThan(10);
        assertThat(stream.isOpen()).isTrue();
    }

    private CompletableFuture<Boolean> answered() {
        CompletableFuture<Boolean> call = conversation.upload(new byte[] {'{', '}'});
        stream.runPendingTasks();
        for (ByteBuf asked = stream.readOutbound(); asked != null; asked = stream.readOutbound()) {
            edge.receive(asked);
            asked.release();
        }
        assertThat(call).isCompletedWithValue(true);
        return call;
    }

    /** An edge that takes whatever it is told. */
    private static final class Agreeable implements RpcConnection.Service {
        @Override
        public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
            reply.results(Body.EMPTY);
        }

        @Override
        public void ended(String reason) {
            throw new AssertionError(reason);
        }
    }
}
