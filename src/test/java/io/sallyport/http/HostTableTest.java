package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostTableTest {
    @ParameterizedTest
    @CsvSource({
        // the host decides first
        "a.example.com, /x, 'a.example.com *.example.com/x', a.example.com",
        "a.example.com, /x, 'a.example.com/y *.example.com/x', *.example.com/x",
        "app-1.example.com, /, '*.example.com app-*.example.com', app-*.example.com",
        "a.b.example.com, /, '*.*.example.com *.b.example.com', *.b.example.com",
        "a.b.example.com, /, '*.b.example.com a.*.example.com', *.b.example.com",
        // then the path
        "example.com, /eng/tool/x, 'example.com example.com/eng example.com/eng/tool', example.com/eng/tool",
        "example.com, /eng/other, 'example.com example.com/eng example.com/eng/tool', example.com/eng",
        "example.com, /english, 'example.com example.com/eng', example.com",
        "example.com, /alpha, 'example.com example.com/alpha/*', example.com",
        "example.com, /alpha/x, 'example.com/alpha example.com/alpha/*', example.com/alpha/*",
        "example.com, /alpha, 'example.com/alpha* example.com/alpha', example.com/alpha",
        "example.com, /a/1/b, 'example.com/a/* example.com/a/*/b', example.com/a/*",
        "example.com, /nothing, 'example.com/eng', none",
        "example.org, /, 'example.com', none",
    })
    @DisplayName("PN-04: the most specific pattern wins, nothing is inherited")
    void mostSpecificWins(String host, String path, String patterns, String expected) {
        assertThat(table(List.of(patterns.split(" ", -1)))
                        .find(new HostName(host), path)
                        .orElse("none"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/admin, 'example.com example.com/admin', false",
        "/Admin, 'example.com example.com/admin', true",
        "/aDmIn/x, 'example.com example.com/admin', true",
        "/administrator, 'example.com example.com/admin', false",
        "/Administrator, 'example.com example.com/admin', false",
        "/admin, 'example.com example.com/Admin', true",
        "/Docs, 'example.com example.com/Docs example.com/docs', false",
        "/docs, 'example.com example.com/Docs example.com/docs', false",
        "/DOCS, 'example.com example.com/Docs example.com/docs', true",
        "/%2561dmin, 'example.com example.com/admin', true",
        "/x/%252e%252e/admin, 'example.com example.com/admin', true",
        "/x%252Fadmin, 'example.com example.com/x/admin', true",
        "/x%255Cadmin, 'example.com example.com/x/admin', true",
        "/admin%3Bx=1/y, 'example.com example.com/admin', true",
        "/%252Fadmin, 'example.com example.com/admin', true",
        "/public/%252e%252e/x, 'example.com example.com/public', true",
        "/public/%2525252e%2525252e/x, 'example.com example.com/public', true",
        "/public/a%252Fb, 'example.com example.com/public', false",
        "/public/100%25, 'example.com example.com/public', false",
        "/public/, 'example.com example.com/public/*', false",
        "/public/x/, 'example.com example.com/public/*', false",
        "/a%20b/c, 'example.com example.com/a%20b', false",
        "/%C3%89t%C3%A9, 'example.com example.com/%C3%A9t%C3%A9', true",
        "/%E2%84%AAey, 'example.com example.com/key', true",
        "/job/a%252Fb, 'example.com', false",
        "/ANY, 'example.com', false",
        "/Admin, 'example.com/admin', true",
    })
    @DisplayName("PN-02: what an origin could read as a path of somebody else is ambiguous, and nothing else")
    void ambiguous(String path, String patterns, boolean ambiguous) {
        assertThat(table(List.of(patterns.split(" ", -1))).isAmbiguous(new HostName("example.com"), path))
                .isEqualTo(ambiguous);
    }

    @Test
    void olderWinsTheLastTie() {
        HostTable<String> table = HostTable.of(List.of(
                new HostTable.Entry<>(UrlPattern.parse("example.com/a*b"), 2, "young"),
                new HostTable.Entry<>(UrlPattern.parse("example.com/a*c"), 1, "old")));
        assertThat(table.find(new HostName("example.com"), "/axb/c/xc")).hasValue("old");
    }

    @Test
    void samePatternTwiceIsRefusedWithBothSpellings() {
        assertThatThrownBy(() -> table(List.of("Example.com/a/", "example.com/%61")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Example.com/a/")
                .hasMessageContaining("example.com/%61");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 101, 10_000})
    @DisplayName("PN-07: any number of applications, any letter case")
    void sameWithAnyNumberOfApplications(int count) {
        List<String> patterns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            patterns.add("App" + i + ".Example.com");
            patterns.add("pr" + i + "-*.preview.example.com/admin");
        }
        HostTable<String> table = table(patterns);
        int last = count - 1;
        HostName host = HostName.parse(("app" + last + ".EXAMPLE.com").toUpperCase(Locale.ROOT))
                .orElseThrow();
        assertThat(table.find(host, "/x")).hasValue("App" + last + ".Example.com");
        HostName preview = new HostName("pr" + last + "-feature.preview.example.com");
        assertThat(table.find(preview, "/admin/x")).hasValue("pr" + last + "-*.preview.example.com/admin");
        assertThat(table.find(preview, "/")).isEmpty();
        assertThat(table.find(new HostName("app" + count + ".example.com"), "/"))
                .isEmpty();
    }

    private static HostTable<String> table(List<String> patterns) {
        List<HostTable.Entry<String>> entries = new ArrayList<>();
        for (String pattern : patterns) {
            entries.add(new HostTable.Entry<>(UrlPattern.parse(pattern), entries.size(), pattern));
        }
        return HostTable.of(entries);
    }
}
