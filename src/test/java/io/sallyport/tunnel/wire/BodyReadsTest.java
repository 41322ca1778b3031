package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How wide QUIC's library opens the window of a stream that is read as {@link BodyReads} allows (TU-06). */
class BodyReadsTest {
    private static final int PIECE = 64 << 10;
    private static final long MUCH = 100L << 20;
    private static final long AMPLE = 1L << 30;

    /** The rule of the library (quiche, {@code flowcontrol.rs}), for a sender who always has more. */
    private static final class Window {
        private long limit = 512 << 10;
        private long window = 32 << 10;
        private long widest;
        private long taken;
        private long updated = Long.MIN_VALUE / 2;

        void took(int bytes, long now, long roundTrip) {
            taken += bytes;
            if (limit - taken < window / 2) {
                if (now - updated < 2 * roundTrip) {
                    window = Math.min(2 * window, 16 << 20);
                }
                limit = taken + window;
                updated = now;
                widest = Math.max(widest, window);
            }
        }
    }

    /** A stream, what is kept of it, and the time. */
    private static final class Reader {
        private final SplittableRandom random;
        private final long roundTrip;
        private final BodyReads reads;
        private final Window window = new Window();
        private final long begun = System.nanoTime();
        private long now = begun;

        Reader(long roundTrip, WideWindows windows) {
            this.random = new SplittableRandom(roundTrip);
            this.roundTrip = roundTrip;
            this.reads = new BodyReads(windows);
        }

        /** As fast as it may, with a pause now and then. */
        void read(boolean isEven) {
            now += 10_000 + reads.pause(now, () -> roundTrip);
            if (!isEven && random.nextInt(50) == 0) {
                now += random.nextLong(6 * roundTrip);
            }
            int piece = random.nextInt(PIECE / 2, PIECE);
            reads.took(piece);
            window.took(piece, now, roundTrip);
        }

        Reader readMuch(boolean isEven) {
            while (window.taken < MUCH) {
                read(isEven);
            }
            return this;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {300, 1_000, 5_000, 50_000, 200_000})
    void tu06NoWindowIsWiderThanWhatWasAskedFor(long roundTripMicros) {
        for (long most : new long[] {0, 4 << 20, 16 << 20, 40 << 20, AMPLE}) {
            for (boolean isEven : new boolean[] {true, false}) {
                Reader reader = new Reader(roundTripMicros * 1_000, new WideWindows(most));
                while (reader.window.taken < MUCH) {
                    reader.read(isEven);
                    assertThat(reader.window.window)
                            .as("of %d, after %d", most, reader.window.taken)
                            .isLessThanOrEqualTo(reader.reads.window());
                }
            }
        }
    }

    @Test
    void tu06WhoeverComesToAnEmptyGateIsReadAsFastAsCanBe() {
        WideWindows windows = new WideWindows(AMPLE);
        Reader reader = new Reader(50_000_000, windows).readMuch(true);
        assertThat(reader.window.widest).isEqualTo(16 << 20);
        assertThat(Duration.ofNanos(reader.now - reader.begun)).isLessThan(Duration.ofSeconds(1));
        reader.reads.end();
        assertThat(windows.given()).isZero();
    }

    @Test
    void tu06AHundredWhoReadFastAndStopDoNotHaveMoreThanTheGateHas() {
        long most = 128 << 20;
        WideWindows windows = new WideWindows(most);
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            readers.add(new Reader(TimeUnit.MILLISECONDS.toNanos(20) + i, windows).readMuch(true));
        }
        assertThat(readers.stream().mapToLong(each -> each.window.window).sum())
                .isLessThanOrEqualTo(most + 100 * WideWindows.OWN);
        Reader next = new Reader(TimeUnit.MILLISECONDS.toNanos(20), windows).readMuch(true);
        assertThat(Duration.ofNanos(next.now - next.begun).toMillis())
                .as("for a hundred megabytes at twenty milliseconds")
                .isLessThan(40_000);
        readers.forEach(each -> each.reads.end());
        next.reads.end();
        assertThat(windows.given()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {200, 5_000, 50_000})
    void whileOthersComeOneStreamLeavesThemTime(long roundTripMicros) {
        WideWindows windows = new WideWindows(AMPLE);
        Reader reader = new Reader(roundTripMicros * 1_000, windows).readMuch(true);
        long from = reader.window.taken;
        long since = reader.now;
        while (reader.window.taken < from + MUCH) {
            windows.began(reader.now);
            reader.read(true);
        }
        assertThat(gigabits(MUCH, reader.now - since)).isBetween(1.4, 1.7);
    }

    @Test
    void whenNobodyComesAnyMoreItIsReadAsFastAsBefore() {
        WideWindows windows = new WideWindows(AMPLE);
        Reader reader = new Reader(50_000_000, windows).readMuch(true);
        windows.began(reader.now);
        reader.read(true);
        reader.now += TimeUnit.MILLISECONDS.toNanos(100);
        long from = reader.window.taken;
        long since = reader.now;
        while (reader.window.taken < from + MUCH) {
            reader.read(true);
        }
        assertThat(Duration.ofNanos(reader.now - since).toMillis())
                .as("10 µs for each piece")
                .isLessThan(25);
    }

    @Test
    void aNearConnectorsWindowStaysNarrowAndYetIsFast() {
        Reader reader = new Reader(TimeUnit.MICROSECONDS.toNanos(200), new WideWindows(AMPLE)).readMuch(true);
        assertThat(reader.window.widest).isLessThanOrEqualTo(1 << 20);
        long from = reader.window.taken;
        long since = reader.now;
        while (reader.window.taken < from + MUCH) {
            reader.read(true);
        }
        assertThat(gigabits(MUCH, reader.now - since)).isGreaterThan(3);
    }

    private static double gigabits(long bytes, long nanos) {
        return bytes * 8.0 / nanos;
    }

    @Test
    void whoReadsSlowlyNeedsNoMoreThanItsOwn() {
        WideWindows windows = new WideWindows(AMPLE);
        Reader reader = new Reader(TimeUnit.MILLISECONDS.toNanos(20), windows);
        while (reader.window.taken < MUCH) {
            reader.now += TimeUnit.MILLISECONDS.toNanos(40);
            reader.read(true);
        }
        assertThat(windows.given()).isZero();
    }

    @Test
    void whatIsShortAsksForNothing() {
        BodyReads reads = new BodyReads(new WideWindows(0));
        for (int i = 0; i < 8; i++) {
            assertThat(reads.pause(i, () -> {
                        throw new AssertionError("nobody asked");
                    }))
                    .isZero();
            reads.took(PIECE);
        }
    }
}
