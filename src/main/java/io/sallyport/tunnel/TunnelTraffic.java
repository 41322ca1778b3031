package io.sallyport.tunnel;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** The traffic of one connection: bytes of bodies, and failed requests. */
final class TunnelTraffic {
    private final LongAdder in = new LongAdder();
    private final LongAdder out = new LongAdder();
    private volatile Consumer<TunnelFailure> atFailure = failure -> {};

    void received(int bytes) {
        in.add(bytes);
    }

    void sent(int bytes) {
        out.add(bytes);
    }

    /** Must be called when a request has failed. */
    void failed(TunnelFailure failure) {
        atFailure.accept(failure);
    }

    /** Calls this for each failed request from now on, on the connection's event loop. */
    void whenFailed(Consumer<TunnelFailure> then) {
        atFailure = then;
    }

    /** Bytes from the connector. */
    long in() {
        return in.sum();
    }

    /** Bytes to the connector. */
    long out() {
        return out.sum();
    }
}
