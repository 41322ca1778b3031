package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import io.sallyport.tunnel.wire.RpcMessage.Outcome;
import io.sallyport.tunnel.wire.RpcMessage.Target;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One Cap'n Proto RPC conversation over a byte stream, in both roles at once: it makes calls and answers calls. Bytes come in
 * through {@link #receive} and leave through the sink; it uses neither sockets nor clock. Calls are pipelined on the bootstrap
 * question, so the first needs no round trip. Confined to one thread, its event loop.
 *
 * <p>Messages out of order are refused (TU-04): a question id that is in use, an answer without a question, a finish or release of
 * something unknown.
 */
public final class RpcConnection {
    /** The result of a call that we made. */
    public sealed interface Answer {
        /** Results; an empty struct reads as defaults. */
        record Results(StructIn content) implements Answer {}

        /** The other end reported an exception. */
        record Failed(String reason) implements Answer {}
    }

    /** The methods that the other end may call. */
    public interface Service {
        /** A call came in. The parameters may be read until this returns; the reply may come later, on the same thread. */
        void called(long interfaceId, int method, StructIn params, Reply reply);

        /** The other end has ended the conversation; no more calls or answers follow. */
        void ended(String reason);
    }

    /** Answers one call, once. */
    public interface Reply {
        /** With results. */
        void results(Body results);

        /** With an exception. */
        void failure(RpcFailure failure);
    }

    private static final int MOST_OPEN_ANSWERS = 16;
    private static final int MOST_UNKNOWN = 16;
    private static final int EXPORT = 0;

    private final Consumer<ByteBuf> sink;
    private final Service service;
    private final MessageFramer framer;
    private final Map<Integer, OpenAnswer> answers = new HashMap<>();
    private final Map<Integer, Question> questions = new HashMap<>();
    private final Deque<Integer> freed = new ArrayDeque<>();
    private @Nullable Target bootstrap;
    private int nextQuestion;
    private int exportReferences;
    private int unknown;
    private boolean over;
    private BooleanSupplier admitsOneMore = () -> true;

    /**
     * @param sink takes finished messages, in order, and owns them
     * @param longest message that may come in, in bytes
     */
    public RpcConnection(Consumer<ByteBuf> sink, Service service, int longest) {
        this.sink = sink;
        this.service = service;
        this.framer = new MessageFramer(longest);
    }

    /**
     * Processes received bytes. Keeps an incomplete message, and consumes the buffer.
     *
     * @throws WireRefusal when the other end breaks the rules; the connection must then be closed
     */
    public void receive(ByteBuf bytes) {
        for (StructIn message = framer.next(bytes); message != null; message = framer.next(bytes)) {
            if (over) {
                throw new WireRefusal("a message follows the goodbye");
            }
            if (!admitsOneMore.getAsBoolean()) {
                throw new WireRefusal("too many messages");
            }
            handle(RpcCodec.read(message));
        }
    }

    /** Limits received messages: the supplier is called for each, and a message that it does not admit is a protocol error. */
    public RpcConnection paced(BooleanSupplier admitsOneMore) {
        this.admitsOneMore = admitsOneMore;
        return this;
    }

    /** Sets the limit of received messages, in bytes. */
    public void allow(int longest) {
        framer.allow(longest);
    }

    /**
     * Calls a method of the other end's bootstrap capability. The answer arrives on this thread, or not at all if the conversation ends
     * first.
     */
    public void call(long interfaceId, int method, Body params, Consumer<Answer> then) {
        if (over) {
            then.accept(new Answer.Failed("the conversation is over"));
            return;
        }
        Target target = bootstrap == null ? bootstrap() : bootstrap;
        int question = ask(new Question(then, false));
        sink.accept(RpcCodec.call(question, target, interfaceId, method, params));
    }

    /** Ends the conversation normally. */
    public void goodbye() {
        if (over) {
            return;
        }
        if (bootstrap instanceof Target.Exported exported) {
            sink.accept(RpcCodec.release(exported.id()));
        }
        abort(RpcFailure.SHUTDOWN);
    }

    /** Ends the conversation with an error. */
    public void abort(RpcFailure failure) {
        if (!over) {
            over = true;
            sink.accept(RpcCodec.abort(failure));
            fail("the conversation was ended");
        }
    }

    private Target bootstrap() {
        int question = ask(new Question(this::bootstrapped, true));
        sink.accept(RpcCodec.bootstrap(question));
        Target target = new Target.Answer(question);
        bootstrap = target;
        return target;
    }

    private void bootstrapped(Answer answer) {
        if (answer instanceof Answer.Failed) {
            bootstrap = null;
        }
    }

    /** Ids are reused, most recently freed first, once their question was answered and finished. */
    private int ask(Question question) {
        Integer id = freed.pollFirst();
        int chosen = id == null ? nextQuestion++ : id;
        questions.put(chosen, question);
        return chosen;
    }

    private void handle(RpcMessage message) {
        switch (message) {
            case RpcMessage.Bootstrap asked -> {
                open(asked.question()).isBootstrap = true;
                exportReferences++;
                returned(asked.question(), RpcCodec.capability(asked.question(), EXPORT));
            }
            case RpcMessage.Call call -> called(call);
            case RpcMessage.Return answer -> answered(answer);
            case RpcMessage.Finish finish -> finished(finish.question());
            case RpcMessage.Release release -> released(release);
            case RpcMessage.Abort abort -> {
                over = true;
                fail(abort.reason());
                service.ended(abort.reason());
            }
            case RpcMessage.Unimplemented _ -> unknown();
            case RpcMessage.Other other -> {
                unknown();
                sink.accept(RpcCodec.unimplemented(other.tag()));
            }
        }
    }

    private void called(RpcMessage.Call call) {
        boolean addressed = switch (call.target()) {
            case Target.Exported exported -> exported.id() == EXPORT && exportReferences > 0;
            case Target.Answer answer -> {
                OpenAnswer earlier = answers.get(answer.question());
                yield earlier != null && earlier.isBootstrap;
            }
        };
        if (!addressed) {
            throw new WireRefusal("a call is addressed to nothing");
        }
        open(call.question());
        service.called(call.interfaceId(), call.method(), call.params(), new OneReply(call.question()));
    }

    private OpenAnswer open(int question) {
        OpenAnswer answer = new OpenAnswer();
        if (answers.size() >= MOST_OPEN_ANSWERS) {
            throw new WireRefusal("too many open questions");
        }
        if (answers.putIfAbsent(question, answer) != null) {
            throw new WireRefusal("a question id is in use");
        }
        return answer;
    }

    private void returned(int question, ByteBuf message) {
        OpenAnswer answer = answers.get(question);
        if (over || answer == null) {
            message.release();
            return;
        }
        answer.isReturned = true;
        if (answer.isFinished) {
            answers.remove(question);
        }
        sink.accept(message);
    }

    private void finished(int question) {
        OpenAnswer answer = answers.get(question);
        if (answer == null || answer.isFinished) {
            throw new WireRefusal("a finish without a question");
        }
        answer.isFinished = true;
        if (answer.isReturned) {
            answers.remove(question);
        }
    }

    private void released(RpcMessage.Release release) {
        if (release.export() != EXPORT || release.count() < 1 || release.count() > exportReferences) {
            throw new WireRefusal("a release of what was not given");
        }
        exportReferences -= release.count();
    }

    private void answered(RpcMessage.Return answer) {
        Question question = questions.remove(answer.answer());
        if (question == null) {
            throw new WireRefusal("an answer that nobody asked for");
        }
        if (question.isBootstrap() && answer.outcome() instanceof Outcome.Results results) {
            if (results.exports().isEmpty()) {
                throw new WireRefusal("a bootstrap answer without a capability");
            }
            bootstrap = new Target.Exported(results.exports().getFirst());
        }
        sink.accept(RpcCodec.finish(answer.answer()));
        freed.addFirst(answer.answer());
        question.then()
                .accept(
                        switch (answer.outcome()) {
                            case Outcome.Results results ->
                                new Answer.Results(question.isBootstrap() ? results.payload() : results.content());
                            case Outcome.Failed failed -> new Answer.Failed(failed.reason());
                            case Outcome.Canceled _ -> new Answer.Failed("canceled");
                        });
    }

    private void unknown() {
        if (++unknown > MOST_UNKNOWN) {
            throw new WireRefusal("too many messages of unknown kinds");
        }
    }

    private void fail(String reason) {
        Map<Integer, Question> open = Map.copyOf(questions);
        questions.clear();
        open.values().forEach(question -> question.then().accept(new Answer.Failed(reason)));
    }

    private record Question(Consumer<Answer> then, boolean isBootstrap) {}

    private static final class OpenAnswer {
        private boolean isBootstrap;
        private boolean isReturned;
        private boolean isFinished;
    }

    private final class OneReply implements Reply {
        private final int question;
        private boolean isGiven;

        OneReply(int question) {
            this.question = question;
        }

        @Override
        public void results(Body results) {
            give(RpcCodec.results(question, results));
        }

        @Override
        public void failure(RpcFailure failure) {
            give(RpcCodec.exception(question, failure));
        }

        private void give(ByteBuf message) {
            if (isGiven) {
                message.release();
                throw new IllegalStateException("a call is answered once");
            }
            isGiven = true;
            returned(question, message);
        }
    }
}
