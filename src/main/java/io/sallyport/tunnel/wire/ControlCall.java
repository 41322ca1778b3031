package io.sallyport.tunnel.wire;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a connector asks of the edge on its control stream (interface RegistrationServer). */
public sealed interface ControlCall {
    /** The interface that registration is part of. */
    long INTERFACE = 0xf71695ec7fe85497L;

    /** Its number in the interface. */
    int method();

    /** Its parameters. */
    Body params();

    /**
     * Reads a call.
     *
     * @return null when the edge knows no such method
     * @throws WireRefusal when the parameters are malformed
     */
    static @Nullable ControlCall read(long interfaceId, int method, StructIn params) {
        if (interfaceId != INTERFACE) {
            return null;
        }
        return switch (method) {
            case Register.METHOD ->
                new Register(
                        TunnelAuth.read(params.struct(0)),
                        params.uuid(1),
                        params.u8(0),
                        ConnectionOptions.read(params.struct(2)));
            case Unregister.METHOD -> new Unregister();
            case LocalConfiguration.METHOD -> new LocalConfiguration(params.data(0));
            default -> null;
        };
    }

    /** Puts this connection into service. Answered with a {@link RegistrationResult}. */
    record Register(TunnelAuth auth, UUID tunnelId, int connIndex, ConnectionOptions options) implements ControlCall {
        static final int METHOD = 0;

        @Override
        public int method() {
            return METHOD;
        }

        @Override
        public Body params() {
            int size = Metadata.bytes(auth.accountTag()) + auth.secret().exposeSecretBytes().length + options.size();
            return new Body(new Layout(1, 3), size + 64, out -> {
                out.u8(0, connIndex);
                auth.write(out, 0);
                out.uuid(1, tunnelId);
                options.write(out, 2);
            });
        }
    }

    /** Takes this connection out of service; running requests may finish. Answered with nothing. */
    record Unregister() implements ControlCall {
        static final int METHOD = 1;

        @Override
        public int method() {
            return METHOD;
        }

        @Override
        public Body params() {
            return Body.EMPTY;
        }
    }

    /** Shows the edge the rules from a connector's own file, as JSON. Answered with nothing. */
    @SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, never compared
    record LocalConfiguration(byte[] json) implements ControlCall {
        static final int METHOD = 2;

        /** Copies the bytes. */
        public LocalConfiguration {
            json = json.clone();
        }

        @Override
        public byte[] json() {
            return json.clone();
        }

        @Override
        public int method() {
            return METHOD;
        }

        @Override
        public Body params() {
            return new Body(new Layout(0, 1), json.length, out -> out.data(0, json));
        }
    }
}
