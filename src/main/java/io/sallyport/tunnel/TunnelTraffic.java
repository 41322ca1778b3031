package io.sallyport.tunnel;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** What goes over one connection: bytes of bodies, and requests that failed. */
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

    /** A request got no good answer. */
    void failed(TunnelFailure failure) {
        atFailure.accept(failure);
    }

    /** Tells of each such request from now on, on the connection's event loop. */
    void whenFailed(Consumer<TunnelFailure> then) {
        atFailure = then;
    }

    /** From the connector. */
    long in() {
        return in.sum();
    }

    /** To the connector. */
    long out() {
        return out.sum();
    }
}
