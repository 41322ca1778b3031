package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who gets how much of what all streams share (TU-06). */
class WideWindowsTest {
    private static long widest(WideWindows windows) {
        long window = WideWindows.OWN;
        while (window < WideWindows.WIDEST && windows.widen(window)) {
            window *= 2;
        }
        return window;
    }

    @Test
    void oneAloneGetsAllThatItCanUse() {
        assertThat(widest(new WideWindows(64 << 20))).isEqualTo(WideWindows.WIDEST);
    }

    @Test
    void theMoreThereAreTheLessEachGetsAndTheSumHolds() {
        WideWindows windows = new WideWindows(64 << 20);
        List<Long> widths = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            widths.add(widest(windows));
        }
        assertThat(widths).isSortedAccordingTo((one, next) -> Long.compare(next, one));
        assertThat(widths.getLast()).isEqualTo(WideWindows.OWN);
        assertThat(windows.given()).isLessThanOrEqualTo(64 << 20);
    }

    @Test
    void whatOneGivesBackTheNextGets() {
        WideWindows windows = new WideWindows(64 << 20);
        List<Long> widths = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            widths.add(widest(windows));
        }
        widths.forEach(windows::narrow);
        assertThat(windows.given()).isZero();
        assertThat(widest(windows)).isEqualTo(WideWindows.WIDEST);
    }
}
