package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.tunnel.wire.RpcConnection.Answer;
import io.sallyport.tunnel.wire.RpcConnection.Reply;
import io.sallyport.tunnel.wire.RpcMessage.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The conversation on a control stream: what a well-behaved end sees, and what a bad one gets. */
class RpcConnectionTest {
    private static final int LONGEST = 64 * 1024;

    /** One end that notes what it is asked and what it sends. */
    private static final class End implements RpcConnection.Service {
        final Deque<ByteBuf> sent = new ArrayDeque<>();
        final List<ControlCall> calls = new ArrayList<>();
        final List<Reply> replies = new ArrayList<>();
        final List<String> endings = new ArrayList<>();
        final RpcConnection rpc = new RpcConnection(sent::add, this, LONGEST);

        @Override
        public void called(long interfaceId, int method, StructIn params, Reply reply) {
            ControlCall call = ControlCall.read(interfaceId, method, params);
            if (call == null) {
                reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "no such method"));
                return;
            }
            calls.add(call);
            replies.add(reply);
        }

        @Override
        public void ended(String reason) {
            endings.add(reason);
        }

        void receive(String... messages) {
            for (String message : messages) {
                rpc.receive(Vectors.buffer(message));
            }
        }

        RpcMessage next() {
            return RpcCodec.read(Vectors.root(sent.remove()));
        }
    }

    private static void exchange(End left, End right) {
        while (!left.sent.isEmpty() || !right.sent.isEmpty()) {
            while (!left.sent.isEmpty()) {
                right.rpc.receive(left.sent.remove());
            }
            while (!right.sent.isEmpty()) {
                left.rpc.receive(right.sent.remove());
            }
        }
    }

    @Test
    void registrationMayBePipelinedOnTheBootstrapQuestion() {
        End edge = new End();
        edge.receive(Vectors.BOOTSTRAP, Vectors.REGISTER);
        assertThat(edge.calls).singleElement().isInstanceOf(ControlCall.Register.class);
        assertThat(Vectors.hex(edge.sent.remove())).isEqualTo(Vectors.plain(Vectors.BOOTSTRAP_RETURN));

        edge.replies.getFirst().results(new RegistrationResult.Registered(UUID.randomUUID(), "here", false).results());
        assertThat(edge.next())
                .isInstanceOfSatisfying(
                        RpcMessage.Return.class,
                        answer -> assertThat(answer.answer()).isEqualTo(1));
    }

    @Test
    void idsAreUsedAgainOnceFinished() {
        End edge = new End();
        edge.receive(Vectors.BOOTSTRAP, Vectors.REGISTER);
        edge.replies.getFirst().results(Body.EMPTY);
        edge.receive(Vectors.FINISH);
        edge.rpc.receive(RpcCodec.finish(1));
        edge.receive(Vectors.UNREGISTER);
        assertThat(edge.calls).hasSize(2);
        assertThat(edge.calls.getLast()).isEqualTo(new ControlCall.Unregister());
    }

    @Test
    void bothRolesUnderstandEachOther() {
        End connector = new End();
        End edge = new End();
        List<Answer> answers = new ArrayList<>();
        for (int round = 0; round < 50; round++) {
            connector.rpc.call(ControlCall.INTERFACE, 1, Body.EMPTY, answers::add);
            exchange(connector, edge);
            edge.replies.getLast().results(Body.EMPTY);
            exchange(connector, edge);
        }
        assertThat(answers).hasSize(50).allMatch(Answer.Results.class::isInstance);
        connector.rpc.goodbye();
        exchange(connector, edge);
        assertThat(edge.endings).containsExactly("rpc: shutdown");
    }

    @Test
    void eitherEndMayAskTheOther() {
        End connector = new End();
        End edge = new End();
        List<Answer> answers = new ArrayList<>();
        connector.rpc.call(ControlCall.INTERFACE, 1, Body.EMPTY, answers::add);
        edge.rpc.call(ControlCall.INTERFACE, 1, Body.EMPTY, answers::add);
        exchange(connector, edge);
        connector.replies.getFirst().results(Body.EMPTY);
        edge.replies.getFirst().results(Body.EMPTY);
        exchange(connector, edge);
        assertThat(answers).hasSize(2).allMatch(Answer.Results.class::isInstance);
    }

    @Test
    void unknownMethodsAreAnsweredAndHarmNothing() {
        End connector = new End();
        End edge = new End();
        List<Answer> answers = new ArrayList<>();
        connector.rpc.call(ControlCall.INTERFACE, 99, Body.EMPTY, answers::add);
        connector.rpc.call(0x1234L, 0, Body.EMPTY, answers::add);
        exchange(connector, edge);
        assertThat(answers).containsExactly(new Answer.Failed("no such method"), new Answer.Failed("no such method"));
        assertThat(edge.calls).isEmpty();
    }

    @Test
    void unknownMessagesAreAnsweredWithUnimplementedUpToALimit() {
        End edge = new End();
        for (int i = 0; i < 16; i++) {
            edge.rpc.receive(other());
            assertThat(edge.next()).isEqualTo(new RpcMessage.Unimplemented());
        }
        assertThatThrownBy(() -> edge.rpc.receive(other())).isInstanceOf(WireRefusal.class);
    }

    @Test
    void questionsEndWithTheConversation() {
        End connector = new End();
        List<Answer> answers = new ArrayList<>();
        connector.rpc.call(ControlCall.INTERFACE, 1, Body.EMPTY, answers::add);
        connector.rpc.receive(RpcCodec.abort(new RpcFailure(RpcFailure.Kind.FAILED, "go away")));
        assertThat(answers).containsExactly(new Answer.Failed("go away"));
        connector.rpc.call(ControlCall.INTERFACE, 1, Body.EMPTY, answers::add);
        assertThat(answers).hasSize(2);
    }

    @Test
    void tu04AQuestionIdInUseIsRefused() {
        End edge = new End();
        edge.receive(Vectors.BOOTSTRAP, Vectors.REGISTER);
        assertThatThrownBy(() -> edge.receive(Vectors.REGISTER)).isInstanceOf(WireRefusal.class);
    }

    @Test
    void tu04ACallWithoutBootstrapIsRefused() {
        assertThatThrownBy(() -> new End().receive(Vectors.REGISTER)).isInstanceOf(WireRefusal.class);
        assertThatThrownBy(() -> new End().receive(Vectors.UNREGISTER)).isInstanceOf(WireRefusal.class);
    }

    @Test
    void tu04ACallOnTheAnswerOfACallIsRefused() {
        End edge = new End();
        edge.receive(Vectors.BOOTSTRAP, Vectors.REGISTER);
        ByteBuf call = RpcCodec.call(2, new Target.Answer(1), ControlCall.INTERFACE, 1, Body.EMPTY);
        assertThatThrownBy(() -> edge.rpc.receive(call)).isInstanceOf(WireRefusal.class);
    }

    @Test
    void tu04AnswersFinishesAndReleasesOutOfNowhereAreRefused() {
        assertThatThrownBy(() -> new End().receive(Vectors.EMPTY_RETURN)).isInstanceOf(WireRefusal.class);
        assertThatThrownBy(() -> new End().receive(Vectors.FINISH)).isInstanceOf(WireRefusal.class);
        assertThatThrownBy(() -> new End().rpc.receive(RpcCodec.release(0))).isInstanceOf(WireRefusal.class);
        End edge = new End();
        edge.receive(Vectors.BOOTSTRAP);
        edge.rpc.receive(RpcCodec.release(0));
        assertThatThrownBy(() -> edge.rpc.receive(RpcCodec.release(0))).isInstanceOf(WireRefusal.class);
    }

    @Test
    void tu04NothingFollowsTheGoodbye() {
        End edge = new End();
        edge.receive(Vectors.BOOTSTRAP);
        edge.rpc.receive(RpcCodec.abort(RpcFailure.SHUTDOWN));
        assertThatThrownBy(() -> edge.receive(Vectors.REGISTER)).isInstanceOf(WireRefusal.class);
    }

    @Test
    void tu04QuestionsLeftOpenAreLimited() {
        End edge = new End();
        assertThatThrownBy(() -> IntStream.range(0, 100).forEach(id -> edge.rpc.receive(RpcCodec.bootstrap(id))))
                .isInstanceOf(WireRefusal.class);
        assertThat(edge.sent).hasSize(16);
    }

    @Test
    void tu12AMessageBeyondTheLimitIsRefusedWhenItIsAnnounced() {
        ByteBuf announced = Unpooled.buffer().writeIntLE(0).writeIntLE(LONGEST / 8);
        assertThatThrownBy(() -> new End().rpc.receive(announced)).isInstanceOf(WireRefusal.class);
        ByteBuf overflowing = Unpooled.buffer().writeIntLE(0).writeIntLE(-1);
        assertThatThrownBy(() -> new End().rpc.receive(overflowing)).isInstanceOf(WireRefusal.class);
        ByteBuf segments = Unpooled.buffer().writeIntLE(-1).writeIntLE(1);
        assertThatThrownBy(() -> new End().rpc.receive(segments)).isInstanceOf(WireRefusal.class);
    }

    /** "Resolve", which we have no use for. */
    private static ByteBuf other() {
        ByteBuf message = Vectors.buffer(Vectors.BOOTSTRAP);
        message.setShortLE(16, 5);
        return message;
    }
}
