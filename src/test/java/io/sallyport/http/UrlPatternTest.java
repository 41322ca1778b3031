package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UrlPatternTest {
    static Stream<Arguments> covers() {
        return Tables.read("/url-pattern/covers.txt");
    }

    @ParameterizedTest(name = "{0} => {1}")
    @MethodSource("covers")
    @DisplayName("PN-04: patterns cover exactly what the specification says")
    void coversWhatTheTableSays(String left, String expected) {
        String[] parts = left.split("(?<=\\S) (?=\\S+ /|/)");
        assertThat(outcome(parts[0], parts[1], parts[2])).isEqualTo(expected);
    }

    private static String outcome(String pattern, String host, String path) {
        try {
            UrlPattern parsed = UrlPattern.parse(pattern);
            return parsed.matches(new HostName(host), path) ? "yes" : "no";
        } catch (IllegalArgumentException notAPattern) {
            return "no-pattern";
        }
    }

    @ParameterizedTest
    @CsvSource({
        "example.com/health, /health, true",
        "example.com/health, /health/deep, false",
        "example.com/health, /health/, false",
        "example.com/health/, /health/, true",
        "example.com/health/, /health, false",
        "example.com/assets/*, /assets/a/b, true",
        "example.com/assets/*, /assets, false",
        "example.com/a/*/b, /a/1/b, true",
        "example.com/a/*/b, /a/1/b/c, false",
        "example.com/a*/, /ab/, true",
        "example.com/a*/, /ab, false",
        "example.com, /anything, true",
    })
    void overrideCoversOnlyWhatItLiterallySays(String pattern, String path, boolean expected) {
        assertThat(UrlPattern.parse(pattern).matchesLiterally(new HostName("example.com"), path))
                .isEqualTo(expected);
    }

    @Test
    @DisplayName("PN-04: the parent a trailing /* leaves out can be named")
    void uncoveredParentIsNamed() {
        assertThat(UrlPattern.parse("example.com/a/b/*").uncoveredParent()).hasValue("/a/b");
        assertThat(UrlPattern.parse("example.com/*").uncoveredParent()).isEmpty();
        assertThat(UrlPattern.parse("example.com/a*").uncoveredParent()).isEmpty();
        assertThat(UrlPattern.parse("example.com/a").uncoveredParent()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, EXAMPLE.com/",
        "example.com/*, example.com",
        "example.com/a, example.com/a/",
        "example.com/a, example.com/%61",
        "bücher.example, xn--bcher-kva.example",
        "*.Example.com/x*, *.example.com/x*",
    })
    void patternsThatCoverTheSameAreEqual(String one, String other) {
        assertThat(UrlPattern.parse(one)).isEqualTo(UrlPattern.parse(other));
        assertThat(UrlPattern.parse(one)).hasSameHashCodeAs(UrlPattern.parse(other));
    }

    @Test
    void textIsKeptAsWritten() {
        assertThat(UrlPattern.parse("Example.com/A/")).hasToString("Example.com/A/");
    }

    @Test
    void literalHostIsKnown() {
        assertThat(UrlPattern.parse("Example.com/a").literalHost()).hasValue(new HostName("example.com"));
        assertThat(UrlPattern.parse("*.example.com/a").literalHost()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "example.com/public/*, /public/logo.png, true",
        "example.com/public/*, /public/a%20b, true",
        "example.com/public/*, /public/100%25, true",
        "example.com/public/*, /public/%252e%252e/secret, false",
        "example.com/public/*, /public/%252e%252e%252fsecret, false",
        "example.com/public/*, /public/x%255c..%255c..%255csecret, false",
        "example.com/a%20b, /a%20b, true",
        "example.com/health, /health%3Bx, false",
    })
    @DisplayName("PN-02: an override names only what cannot be read as something else")
    void literallyHoweverRead(String pattern, String path, boolean matches) {
        assertThat(UrlPattern.parse(pattern).matchesLiterallyHoweverRead(new HostName("example.com"), path))
                .isEqualTo(matches);
    }
}
