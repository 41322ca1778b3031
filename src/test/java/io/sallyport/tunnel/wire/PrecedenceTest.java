package io.sallyport.tunnel.wire;

import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamPriority;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentMatchers;
import org.mockito.InOrder;

class PrecedenceTest {
    private static final QuicStreamPriority LITTLE = new QuicStreamPriority(1, true);
    private static final QuicStreamPriority MUCH = new QuicStreamPriority(Byte.MAX_VALUE, true);

    private final QuicStreamChannel stream = mock();
    private final Precedence precedence = new Precedence();

    @Test
    void whoSaysLittleGoesBeforeBulkAndIsPutThereOnce() {
        precedence.sends(stream, 300);
        precedence.sends(stream, 1_000);

        verify(stream, times(1)).updatePriority(LITTLE);
        verify(stream, never()).updatePriority(MUCH);
    }

    @Test
    void aDownloadStepsBehindOnceItHasSentALot() {
        precedence.sends(stream, 300);
        for (int i = 0; i < 20; i++) {
            precedence.sends(stream, 64 << 10);
        }

        InOrder order = inOrder(stream);
        order.verify(stream).updatePriority(LITTLE);
        order.verify(stream).updatePriority(MUCH);
        verify(stream, times(2)).updatePriority(ArgumentMatchers.any());
    }

    @Test
    void theControlStreamGoesBeforeAll() {
        Precedence.control(stream);

        verify(stream).updatePriority(new QuicStreamPriority(0, true));
    }
}
