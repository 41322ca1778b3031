package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.RequestTarget.Parsed;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
    static Stream<Arguments> paths() {
        return Tables.read("/request-target/paths.txt");
    }

    static Stream<Arguments> hosts() {
        return Tables.read("/request-target/hosts.txt");
    }

    @ParameterizedTest(name = "{0} => {1}")
    @MethodSource("paths")
    @DisplayName("PN-01 PN-02 PN-03: one canonical path, or none")
    void pathHasOneCanonicalFormOrIsRefused(String raw, String expected) {
        String outcome = switch (RequestTarget.parse("example.com", raw)) {
            case Parsed.Accepted(RequestTarget target) -> target.path();
            case Parsed.Refused _ -> "refuse";
        };
        assertThat(outcome).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0} => {1}")
    @MethodSource("hosts")
    @DisplayName("PN-06 RP-09: one normal host and port, or none")
    void hostHasOneNormalFormOrIsRefused(String raw, String expected) {
        String outcome = switch (RequestTarget.parse(raw, "/")) {
            case Parsed.Accepted(RequestTarget target) ->
                target.host() + (target.port() < 0 ? "" : " " + target.port());
            case Parsed.Refused _ -> "refuse";
        };
        assertThat(outcome).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, http://example.com/a?b, /a?b",
        "example.com, HTTP://EXAMPLE.com/a, /a",
        "example.com, http://example.com:80/a, /a",
        "example.com:443, https://example.com/a, /a",
        "example.com:8080, http://example.com:8080?x=1, /?x=1",
        "example.com, http://example.com, /",
        "[::1]:80, http://[0::1]/, /",
    })
    @DisplayName("PN-08: absolute-form is read when its authority is the host")
    void absoluteFormOfTheSameHostIsRead(String host, String target, String expected) {
        assertThat(accepted(host, target).pathAndQuery()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://other.example/a",
                "http://example.com:81/a",
                "http://example.com@other.example/",
                "http://user@example.com/",
                "http://example.com\\@other.example/",
                "http:///a",
                "http:/a",
                "ftp://example.com/a",
                "http://example.com#/a",
                "example.com:443",
                "a/b",
                "?a",
                "",
                " /a"
            })
    @DisplayName("PN-08: a target for another authority, or in no known form, is refused")
    void anythingElseIsRefused(String target) {
        assertThat(RequestTarget.parse("example.com", target)).isInstanceOf(Parsed.Refused.class);
    }

    @Test
    void asteriskFormIsRefusedUnderItsOwnName() {
        assertThat(RequestTarget.parse("example.com", "*")).isEqualTo(new Parsed.Refused(RequestTarget.ASTERISK_FORM));
    }

    @ParameterizedTest
    @CsvSource({
        "/?a=b&c=%2f%zz, refuse",
        "/?100%, refuse",
        "/?a=%c3%28, /?a=%c3%28",
        "/?a=%2f..%5c, /?a=%2f..%5c",
        "/?, /?",
        "/??, /??",
        "/?/../x//y;z, /?/../x//y;z",
        "/?a[]=1|2, /?a%5B%5D=1%7C2",
        "/?a\\b, /?a%5Cb",
        "/?a#b, refuse",
        "/?ä, refuse",
        "/?a b, refuse",
    })
    @DisplayName("PN-03: the query passes as it came, but for what no URI may hold")
    void queryPasses(String target, String expected) {
        String outcome = switch (RequestTarget.parse("example.com", target)) {
            case Parsed.Accepted(RequestTarget read) -> read.pathAndQuery();
            case Parsed.Refused _ -> "refuse";
        };
        assertThat(outcome).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/cdn-cgi/access/",
                "/cdn-cgi/access",
                "/cdn-cgi/access/login/x",
                "/CDN-cgi/Access/certs",
                "//cdn-cgi//access/certs",
                "/x/../cdn-cgi/access/certs",
                "/%63dn-cgi/access/certs",
                "/%2563dn-cgi/access/certs",
                "/%252563dn-cgi/access/certs",
                "/x/%252e%252e/cdn-cgi/access/certs",
                "/%252fcdn-cgi%252faccess%255ccerts",
                "/cdn-cgi%3Bx/access%253Bx/certs",
            })
    @DisplayName("PN-05: our own paths are ours under every reading")
    void reservedUnderEveryReading(String path) {
        assertThat(accepted("example.com", path).isReserved()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/cdn-cgi/", "/cdn-cgi/accessory", "/cdn-cgi/trace", "/x/cdn-cgi/access/", "/100%25"})
    void otherPathsAreNotReserved(String path) {
        assertThat(accepted("example.com", path).isReserved()).isFalse();
    }

    private static RequestTarget accepted(String authority, String target) {
        assertThat(RequestTarget.parse(authority, target)).isInstanceOf(Parsed.Accepted.class);
        return ((Parsed.Accepted) RequestTarget.parse(authority, target)).target();
    }
}
