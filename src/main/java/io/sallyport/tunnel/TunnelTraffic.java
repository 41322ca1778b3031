package io.sallyport.tunnel;

import java.util.concurrent.atomic.LongAdder;

/** Bytes of bodies over one connection. */
final class TunnelTraffic {
    private final LongAdder in = new LongAdder();
    private final LongAdder out = new LongAdder();

    void received(int bytes) {
        in.add(bytes);
    }

    void sent(int bytes) {
        out.add(bytes);
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
