package io.sallyport.tunnel.wire;

import java.util.List;

/** A message of two-party Cap'n Proto RPC, as far as the tunnel needs it (rpc.capnp). */
sealed interface RpcMessage {
    /** Asks for the capability the other end starts with. */
    record Bootstrap(int question) implements RpcMessage {}

    /** Calls a method. */
    record Call(int question, Target target, long interfaceId, int method, StructIn params) implements RpcMessage {}

    /** Answers a question. */
    record Return(int answer, Outcome outcome) implements RpcMessage {}

    /** Says that a question's answer is no longer needed. */
    record Finish(int question) implements RpcMessage {}

    /** Gives references to an exported capability back. */
    record Release(int export, int count) implements RpcMessage {}

    /** Ends the conversation, also normally. */
    record Abort(String reason) implements RpcMessage {}

    /** The other end did not understand something. */
    record Unimplemented() implements RpcMessage {}

    /** Anything else; answered with "unimplemented". */
    record Other(int tag) implements RpcMessage {}

    /** What a call is addressed to. */
    sealed interface Target {
        /** Something the receiver exported. */
        record Exported(int id) implements Target {}

        /** The answer to an earlier question, which may still be on its way. */
        record Answer(int question) implements Target {}
    }

    /** How a question ended. */
    sealed interface Outcome {
        /** With results, and with capabilities that the sender exports. */
        record Results(StructIn payload) implements Outcome {
            StructIn content() {
                return payload.struct(0);
            }

            List<Integer> exports() {
                return payload.structs(1, MOST_CAPABILITIES).stream()
                        .filter(descriptor -> descriptor.u16(0) == SENDER_HOSTED)
                        .map(descriptor -> descriptor.i32(1))
                        .toList();
            }

            private static final int MOST_CAPABILITIES = 8;
            private static final int SENDER_HOSTED = 1;
        }

        /** With an exception. */
        record Failed(String reason) implements Outcome {}

        /** Because it was cancelled. */
        record Canceled() implements Outcome {}
    }
}
