package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WaitingRoomTest {
    private final WaitingRoom room = new WaitingRoom(5, 2);

    @Test
    void do04OneSourceCannotFillIt() {
        assertThat(room.enter("mallory")).isTrue();
        assertThat(room.enter("mallory")).isTrue();
        for (int i = 0; i < 20; i++) {
            assertThat(room.enter("mallory")).isFalse();
        }
        assertThat(room.enter("ada")).isTrue();

        room.leave("mallory");
        assertThat(room.enter("mallory")).isTrue();
        assertThat(room.enter("mallory")).isFalse();
    }

    @Test
    void manySourcesTogetherHaveSoManyPlaces() {
        for (int i = 0; i < 5; i++) {
            assertThat(room.enter("source " + i)).isTrue();
        }
        assertThat(room.enter("another")).isFalse();
        room.leave("source 3");
        assertThat(room.enter("another")).isTrue();
    }
}
