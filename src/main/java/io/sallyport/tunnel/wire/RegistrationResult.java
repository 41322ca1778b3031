package io.sallyport.tunnel.wire;

import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;

/** The edge's answer to a registration. */
public sealed interface RegistrationResult {
    /** As the results of the call. */
    Body results();

    /** @throws WireRefusal when the results are not those of a registration */
    static RegistrationResult read(StructIn results) {
        StructIn result = results.struct(0);
        StructIn detail = result.struct(0);
        return switch (result.u16(0)) {
            case Refused.TAG -> new Refused(detail.text(0), Duration.ofNanos(detail.i64(0)), detail.bit(64));
            case Registered.TAG -> new Registered(detail.uuid(0), detail.text(1), detail.bit(0));
            default -> throw new WireRefusal("a registration was answered in an unknown way");
        };
    }

    /**
     * The connection is registered.
     *
     * @param connectionId names this connection
     * @param location short name of the site
     * @param isRemotelyManaged whether configuration will be pushed; otherwise the connector uploads its own
     */
    record Registered(UUID connectionId, String location, boolean isRemotelyManaged) implements RegistrationResult {
        private static final int TAG = 1;

        @Override
        public Body results() {
            return result(TAG, new Layout(1, 2), Metadata.bytes(location) + 16, out -> {
                out.bit(0, isRemotelyManaged);
                out.uuid(0, connectionId);
                out.text(1, location);
            });
        }
    }

    /**
     * The registration was refused.
     *
     * @param cause for people; if it begins with {@code Unauthorized}, cloudflared keeps trying
     * @param shouldRetry whether the other transport would be no better
     */
    record Refused(String cause, Duration retryAfter, boolean shouldRetry) implements RegistrationResult {
        private static final int TAG = 0;

        @Override
        public Body results() {
            return result(TAG, new Layout(2, 1), Metadata.bytes(cause), out -> {
                out.i64(0, retryAfter.toNanos());
                out.bit(64, shouldRetry);
                out.text(0, cause);
            });
        }
    }

    private static Body result(int tag, Layout layout, int size, Consumer<StructOut> detail) {
        return new Body(new Layout(0, 1), size, out -> {
            StructOut result = out.struct(0, new Layout(1, 1));
            result.u16(0, tag);
            detail.accept(result.struct(0, layout));
        });
    }
}
