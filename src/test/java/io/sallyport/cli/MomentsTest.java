package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Times as people write and read them. */
class MomentsTest {
    private static final Instant NOW = Instant.parse("2026-11-27T23:30:00Z");
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void daysAreThoseOfWhoAsks() {
        assertThat(Moments.read("today", NOW, BERLIN)).isEqualTo("2026-11-27T23:00:00Z");
        assertThat(Moments.read("yesterday", NOW, BERLIN)).isEqualTo("2026-11-26T23:00:00Z");
        assertThat(Moments.read("today", NOW, ZoneId.of("UTC"))).isEqualTo("2026-11-27T00:00:00Z");
    }

    @Test
    void spansCountFromNow() {
        assertThat(Moments.read("2h", NOW, BERLIN)).isEqualTo("2026-11-27T21:30:00Z");
        assertThat(Moments.read("3d", NOW, BERLIN)).isEqualTo("2026-11-24T23:30:00Z");
    }

    @Test
    void whatIsNoTimeIsToldWhatWouldBeOne() {
        assertThatThrownBy(() -> Moments.read("lately", NOW, BERLIN))
                .hasMessageContaining("'lately' is not a time: write 2h, 3d, today, yesterday or 2026-01-31T12:00:00Z");
    }

    @Test
    void timesAreShownInTheReadersZoneWhichIsNamed() {
        assertThat(Moments.shown("2026-11-27T12:00:05.123Z", terminal("Europe/Berlin")))
                .isEqualTo("2026-11-27 13:00:05 +01:00");
        assertThat(Moments.shown("2026-11-27T12:00:05Z", terminal("UTC"))).isEqualTo("2026-11-27 12:00:05 Z");
        assertThat(Moments.shown("", terminal("UTC"))).isEmpty();
        assertThat(Moments.shown("never", terminal("UTC"))).isEqualTo("never");
    }

    @Test
    void aZoneThatNobodyKnowsIsNoReasonToFail() {
        assertThat(Moments.shown("2026-11-27T12:00:05Z", terminal(":/etc/localtime")))
                .startsWith("2026-11-2");
    }

    private static Terminal terminal(String zone) {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        return new Terminal(
                nowhere,
                nowhere,
                new ByteArrayInputStream(new byte[0]),
                Map.of("TZ", zone),
                Path.of("."),
                InstantSource.fixed(NOW));
    }
}
