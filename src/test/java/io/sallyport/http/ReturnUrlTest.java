package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReturnUrlTest {
    static Stream<Arguments> urls() {
        return Tables.read("/request-target/return-url.txt");
    }

    @ParameterizedTest(name = "{0} => {1}")
    @MethodSource("urls")
    @DisplayName("OI-10: a path on the application's host, or its root")
    void endsOnTheSameHost(String redirectUrl, String expected) {
        assertThat(ReturnUrl.of(redirectUrl).pathAndQuery()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\t//evil.example",
                "/\t/evil.example",
                "/\r\n/evil.example",
                "\u0000/x",
                " /x",
                "/x\u007f",
                "/\u00a0/x"
            })
    @DisplayName("OI-10: control bytes and spaces end at the root")
    void controlBytesEndAtTheRoot(String redirectUrl) {
        assertThat(ReturnUrl.of(redirectUrl)).isEqualTo(ReturnUrl.ROOT);
    }

    @Test
    @DisplayName("OI-10: whatever is drawn from the pieces of open redirects stays on the host")
    void randomPiecesStayOnTheHost() {
        String[] pieces = {
            "/",
            "\\",
            "//",
            ".",
            "..",
            "@",
            ":",
            "?",
            "#",
            "%2f",
            "%5c",
            "%09",
            "\t",
            "\n",
            "evil.example",
            "https:",
            ";",
            "%00",
            "。",
            "%E3%80%82",
            "a"
        };
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 50_000; i++) {
            StringBuilder url = new StringBuilder();
            for (int n = random.nextInt(8); n >= 0; n--) {
                url.append(pieces[random.nextInt(pieces.length)]);
            }
            String back = ReturnUrl.of(url.toString()).pathAndQuery();
            URI resolved = URI.create("https://app.example/").resolve(back);
            assertThat(resolved.getAuthority())
                    .as("seed %d: %s became %s", seed, url, back)
                    .isEqualTo("app.example");
            assertThat(back).as("seed %d: %s", seed, url).matches("/(?![/\\\\])[!-~]*");
        }
    }
}
