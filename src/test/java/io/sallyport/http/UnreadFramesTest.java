package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** TU-07, DO-02: how many frames of a stream wait. */
class UnreadFramesTest {
    private static final int MOST = 1_024;

    private final UnreadFrames frames = new UnreadFrames(MOST);

    /** How many frames were admitted of so many, when the reader leaves the last of them unread. */
    private int admitted(int of, int bytes, int left) {
        for (int i = 1; i <= of; i++) {
            if (!frames.admits(bytes, Math.min(i, left) * bytes)) {
                return i - 1;
            }
        }
        return of;
    }

    @Test
    void framesThatNobodyReadsAreAdmittedUpToTheLimit() {
        assertThat(admitted(10 * MOST, 1, Integer.MAX_VALUE)).isBetween(MOST - 64, MOST + 64);
    }

    @Test
    void aReaderWhoIsBehindMayHaveAnyNumberInTheEnd() {
        assertThat(admitted(100 * MOST, 1, MOST - 64)).isEqualTo(100 * MOST);
        assertThat(admitted(100 * MOST, 1, 0)).isEqualTo(100 * MOST);
    }

    @Test
    void aReaderWhoStopsAtLastIsNoticed() {
        assertThat(admitted(100 * MOST, 7, 10)).isEqualTo(100 * MOST);
        assertThat(admitted(100 * MOST, 7, Integer.MAX_VALUE)).isLessThan(2 * MOST);
    }

    /** What was read before in large pieces does not speak for the small ones that nobody reads now. */
    @Test
    void smallFramesAfterLargeOnesAreNoticed() {
        assertThat(admitted(MOST, 16_384, 1)).isEqualTo(MOST);
        assertThat(admitted(100 * MOST, 1, Integer.MAX_VALUE)).isLessThan(3 * MOST);
    }

    /** Frames without data between those with some: the codec lets two in a row pass. */
    @Test
    void emptyFramesBetweenThemCountToo() {
        int admitted = 0;
        int unread = 0;
        while (admitted < 10 * MOST && frames.admits(admitted % 3 == 0 ? 1 : 0, unread + (admitted % 3 == 0 ? 1 : 0))) {
            unread += admitted % 3 == 0 ? 1 : 0;
            admitted++;
        }
        assertThat(admitted).isBetween(MOST - 64, MOST + 64);
    }

    @Test
    void emptyFramesThatAreReadAreBorne() {
        assertThat(admitted(100 * MOST, 0, 0)).isEqualTo(100 * MOST);
    }
}
