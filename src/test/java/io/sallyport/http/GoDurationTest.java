package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "0s, PT0S",
        "24h, PT24H",
        "1h30m, PT1H30M",
        "1.5h, PT1H30M",
        ".5s, PT0.5S",
        "1.s, PT1S",
        "30m, PT30M",
        "100ms, PT0.1S",
        "1us, PT0.000001S",
        "1\u00b5s, PT0.000001S",
        "1\u03bcs, PT0.000001S",
        "8760h, PT8760H"
    })
    void parseReadsWhatGoReads(String text, Duration expected) {
        assertThat(GoDuration.parse(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "24",
                "h",
                "1d",
                "-1h",
                "+1h",
                "1h ",
                "1h 30m",
                "1..5h",
                "1e3s",
                "1H",
                "9999999999h",
                "1h30"
            })
    void parseRefusesWhatIsNoDuration(String text) {
        assertThat(GoDuration.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT24H, 24h", "PT1H30M, 1h30m", "PT0.000000001S, 1ns"})
    void formatIsShortAndParsesBack(Duration duration, String expected) {
        assertThat(GoDuration.format(duration)).isEqualTo(expected);
        assertThat(GoDuration.parse(expected)).contains(duration);
    }
}
