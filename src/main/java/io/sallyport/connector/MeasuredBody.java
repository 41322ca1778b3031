package io.sallyport.connector;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.sallyport.tunnel.wire.ResponseMeta;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongFunction;

/**
 * Buffers a body of unknown length until its length is known, for origins that do not accept chunks ({@code
 * disableChunkedEncoding}). A body that is too long to buffer is refused with 411.
 */
final class MeasuredBody implements Upstream {
    private static final long LARGEST = 8 << 20;

    private final Exchange exchange;
    private final LongFunction<HttpUpstream> next;
    private final Deque<HttpContent> held = new ArrayDeque<>();
    private long length;

    /** @param next creates the upstream when the length is known */
    MeasuredBody(Exchange exchange, LongFunction<HttpUpstream> next) {
        this.exchange = exchange;
        this.next = next;
    }

    @Override
    public void content(HttpContent content) {
        length += content.content().readableBytes();
        held.add(content);
        if (length > LARGEST) {
            edgeGone();
            exchange.answer(411, ResponseMeta.ORIGIN);
        } else if (content instanceof LastHttpContent) {
            HttpUpstream origin = next.apply(length);
            exchange.giveBack(held);
            held.clear();
            origin.start();
        }
    }

    @Override
    public void flush() {
        // nothing has been sent yet
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void edgeWritable() {
        // there is no response yet
    }

    @Override
    public void edgeGone() {
        held.forEach(HttpContent::release);
        held.clear();
    }
}
