package io.sallyport.tunnel.wire;

/**
 * Sends a connector its rules over QUIC (interface ConfigurationManager). Over HTTP/2 they are sent as
 * JSON in a request.
 *
 * @param version a connector applies only a version above its current one
 * @param json the rules
 */
@SuppressWarnings("ArrayRecordComponent") // copied on the way in and out, never compared
public record UpdateConfiguration(int version, byte[] json) {
    /** The interface. */
    public static final long INTERFACE = 0xb48edfbdaa25db04L;
    /** The method's number in it. */
    public static final int METHOD = 0;

    /** Copies the bytes. */
    public UpdateConfiguration {
        json = json.clone();
    }

    @Override
    public byte[] json() {
        return json.clone();
    }

    /** @throws WireRefusal when the parameters are malformed */
    public static UpdateConfiguration read(StructIn params) {
        return new UpdateConfiguration(params.i32(0), params.data(0));
    }

    /** As the parameters of the call. */
    public Body params() {
        return new Body(new Layout(1, 1), json.length, out -> {
            out.i32(0, version);
            out.data(0, json);
        });
    }

    /**
     * The connector's answer.
     *
     * @param latestAppliedVersion the version it now runs
     * @param error why the new one was not applied; empty when it was
     */
    public record Applied(int latestAppliedVersion, String error) {
        /** @throws WireRefusal when the results are malformed */
        public static Applied read(StructIn results) {
            StructIn result = results.struct(0);
            return new Applied(result.i32(0), result.text(0));
        }

        /** As the results of the call. */
        public Body results() {
            return new Body(new Layout(0, 1), Metadata.bytes(error), out -> {
                StructOut result = out.struct(0, new Layout(1, 1));
                result.i32(0, latestAppliedVersion);
                result.text(0, error);
            });
        }
    }
}
