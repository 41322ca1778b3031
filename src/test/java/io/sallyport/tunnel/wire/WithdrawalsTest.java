package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.tunnel.wire.Withdrawals.Mark;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WithdrawalsTest {
    private static StructIn read(Body body) {
        return new MessageFramer(1 << 20).next(body.message());
    }

    @Test
    void whatIsWrittenIsRead() {
        Withdrawals told = new Withdrawals(
                1L << 40,
                "https://auth.example.com",
                List.of("k1", "k2"),
                List.of(
                        new Mark(MarkedName.person("p"), 5),
                        new Mark(MarkedName.session("s"), Long.MAX_VALUE),
                        new Mark(MarkedName.application("a"), -1)));
        assertThat(Withdrawals.read(read(told.params()))).isEqualTo(told);
        Withdrawals nothing = new Withdrawals(0, "", List.of(), List.of());
        assertThat(Withdrawals.read(read(nothing.params()))).isEqualTo(nothing);
    }

    @Test
    void theLargestCallStaysBelowTheLongestMessage() {
        Withdrawals largest = new Withdrawals(
                1,
                "https://auth.example.com",
                Collections.nCopies(64, "k".repeat(64)),
                IntStream.range(0, Withdrawals.MOST_MARKS)
                        .mapToObj(i -> new Mark(new MarkedName(i, i), i))
                        .toList());
        assertThat(largest.params().message().readableBytes()).isLessThan(1 << 19);
        assertThat(Withdrawals.read(read(largest.params()))).isEqualTo(largest);
    }

    @Test
    void tu12HalfAMarkAndTooManyKeysAreRefused() {
        StructIn half = read(new Body(new Layout(1, 3), 23, out -> out.data(2, new byte[23])));
        assertThatThrownBy(() -> Withdrawals.read(half)).isInstanceOf(WireRefusal.class);
        StructIn keys = read(new Withdrawals(1, "i", Collections.nCopies(65, "k"), List.of()).params());
        assertThatThrownBy(() -> Withdrawals.read(keys)).isInstanceOf(WireRefusal.class);
    }

    @Test
    void aNameTellsNeitherItsIdNorThatOfAnotherKind() {
        assertThat(MarkedName.person("x"))
                .isEqualTo(MarkedName.person("x"))
                .isNotEqualTo(MarkedName.session("x"))
                .isNotEqualTo(MarkedName.application("x"));
    }
}
