package io.sallyport.tunnel.wire;

import io.netty.buffer.ByteBuf;
import io.sallyport.tunnel.wire.RpcMessage.Outcome;
import io.sallyport.tunnel.wire.RpcMessage.Target;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** RPC messages to and from bytes; the numbers are positions and union tags of rpc.capnp. */
final class RpcCodec {
    private static final int UNIMPLEMENTED = 0;
    private static final int ABORT = 1;
    private static final int CALL = 2;
    private static final int RETURN = 3;
    private static final int FINISH = 4;
    private static final int RELEASE = 6;
    private static final int BOOTSTRAP = 8;

    private static final int TO_CALLER = 0;
    private static final int RESULTS = 0;
    private static final int EXCEPTION = 1;
    private static final int CANCELED = 2;

    private static final Layout MESSAGE = new Layout(1, 1);
    private static final Layout TARGET = new Layout(1, 1);
    private static final Layout PAYLOAD = new Layout(0, 2);
    private static final Layout EXCEPTION_LAYOUT = new Layout(1, 1);
    private static final Layout DESCRIPTOR = new Layout(1, 1);

    private RpcCodec() {}

    /** @throws WireRefusal when a message is malformed or of a form that this protocol does not use */
    static RpcMessage read(StructIn message) {
        int tag = message.u16(0);
        StructIn body = tag == UNIMPLEMENTED ? message : message.struct(0);
        return switch (tag) {
            case UNIMPLEMENTED -> new RpcMessage.Unimplemented();
            case ABORT -> new RpcMessage.Abort(body.text(0));
            case CALL -> call(body);
            case RETURN -> new RpcMessage.Return(body.i32(0), outcome(body));
            case FINISH -> new RpcMessage.Finish(body.i32(0));
            case RELEASE -> new RpcMessage.Release(body.i32(0), body.i32(1));
            case BOOTSTRAP -> new RpcMessage.Bootstrap(body.i32(0));
            default -> new RpcMessage.Other(tag);
        };
    }

    private static RpcMessage call(StructIn call) {
        if (call.u16(3) != TO_CALLER) {
            throw new WireRefusal("a call wants its results elsewhere");
        }
        StructIn target = call.struct(0);
        return new RpcMessage.Call(
                call.i32(0),
                switch (target.u16(2)) {
                    case 0 -> new Target.Exported(target.i32(0));
                    case 1 -> answer(target.struct(0));
                    default -> throw new WireRefusal("a call has an unknown kind of target");
                },
                call.i64(1),
                call.u16(2),
                call.struct(1).struct(0));
    }

    private static Target answer(StructIn promised) {
        if (!promised.structs(0, 0).isEmpty()) {
            throw new WireRefusal("a call is addressed to a part of an answer");
        }
        return new Target.Answer(promised.i32(0));
    }

    private static Outcome outcome(StructIn answer) {
        return switch (answer.u16(3)) {
            case RESULTS -> new Outcome.Results(answer.struct(0));
            case EXCEPTION -> new Outcome.Failed(answer.struct(0).text(0));
            case CANCELED -> new Outcome.Canceled();
            default -> throw new WireRefusal("a return is of an unknown kind");
        };
    }

    static ByteBuf bootstrap(int question) {
        return message(BOOTSTRAP, new Layout(1, 1), 0, out -> out.i32(0, question));
    }

    static ByteBuf call(int question, Target target, long interfaceId, int method, Body params) {
        return message(CALL, new Layout(3, 3), params.size(), out -> {
            out.i32(0, question);
            out.u16(2, method);
            out.i64(1, interfaceId);
            StructOut to = out.struct(0, TARGET);
            switch (target) {
                case Target.Exported exported -> to.i32(0, exported.id());
                case Target.Answer answer -> {
                    to.u16(2, 1);
                    to.struct(0, new Layout(1, 1)).i32(0, answer.question());
                }
            }
            params.into(out.struct(1, PAYLOAD), 0);
        });
    }

    /** Results that are one capability, exported under this id. */
    static ByteBuf capability(int answer, int export) {
        return message(RETURN, new Layout(2, 1), 0, out -> {
            out.i32(0, answer);
            StructOut payload = out.struct(0, PAYLOAD);
            payload.capability(0, 0);
            StructOut descriptor = payload.structs(1, DESCRIPTOR, 1).get(0);
            descriptor.u16(0, 1);
            descriptor.i32(1, export);
        });
    }

    static ByteBuf results(int answer, Body results) {
        return message(RETURN, new Layout(2, 1), results.size(), out -> {
            out.i32(0, answer);
            results.into(out.struct(0, PAYLOAD), 0);
        });
    }

    static ByteBuf exception(int answer, RpcFailure failure) {
        return message(RETURN, new Layout(2, 1), length(failure.reason()), out -> {
            out.i32(0, answer);
            out.u16(3, EXCEPTION);
            write(failure, out.struct(0, EXCEPTION_LAYOUT));
        });
    }

    /** Does not release the result's capabilities, as cloudflared does: the importer releases them itself. */
    static ByteBuf finish(int question) {
        return message(FINISH, new Layout(1, 0), 0, out -> {
            out.i32(0, question);
            out.bit(32, true); // releaseResultCaps, stored inverted
        });
    }

    static ByteBuf release(int export) {
        return message(RELEASE, new Layout(1, 0), 0, out -> {
            out.i32(0, export);
            out.i32(1, 1);
        });
    }

    static ByteBuf abort(RpcFailure failure) {
        return message(ABORT, EXCEPTION_LAYOUT, length(failure.reason()), out -> write(failure, out));
    }

    /** Reports which kind of message was not understood, by its tag; the message itself is not sent back. */
    static ByteBuf unimplemented(int tag) {
        return new Body(MESSAGE, 0, out -> {
                    out.u16(0, UNIMPLEMENTED);
                    out.struct(0, MESSAGE).u16(0, tag);
                })
                .message();
    }

    private static void write(RpcFailure failure, StructOut out) {
        out.u16(2, failure.kind().code());
        out.text(0, failure.reason());
    }

    private static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static ByteBuf message(int tag, Layout layout, int size, Consumer<StructOut> fill) {
        return new Body(MESSAGE, size, out -> {
                    out.u16(0, tag);
                    fill.accept(out.struct(0, layout));
                })
                .message();
    }
}
