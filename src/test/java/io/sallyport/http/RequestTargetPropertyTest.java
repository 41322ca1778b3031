package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.RequestTarget.Parsed;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every path, however strange: drawn from the pieces that path confusion is made of. */
class RequestTargetPropertyTest {
    private static final int PATHS = 1_000;
    private static final String[] PIECES = {
        "/",
        "/",
        "//",
        ".",
        "..",
        "/./",
        "/../",
        "a",
        "B",
        "~",
        "%",
        "%2",
        "%2e",
        "%2E",
        "%2f",
        "%5C",
        "%00",
        "%25",
        "%41",
        "%7e",
        "%c3%a4",
        "%C3",
        "%a4",
        "%e2%82%ac",
        "%ed%a0%80",
        "%f0%9f%98%80",
        "%21",
        "!",
        "+",
        "%2b",
        ";",
        ";v=1",
        "|",
        "{",
        "[",
        "\\",
        "#",
        "ä",
        " ",
        "\t",
        "\0",
        "'",
        "*",
        ":",
        "@",
        "admin",
        "%61dmin",
        "cdn-cgi/access/",
        "?q=%2F"
    };

    static LongStream seeds() {
        long first = System.nanoTime();
        return LongStream.range(first, first + 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @DisplayName("PN-01 PN-02: canonical form is a fixed point, unambiguous, and means what was sent")
    void canonicalFormIsStableAndUnambiguous(long seed) throws CharacterCodingException {
        Random random = new Random(seed);
        for (int i = 0; i < PATHS; i++) {
            String raw = "/" + draw(random);
            if (RequestTarget.parse("example.com", raw) instanceof Parsed.Accepted(RequestTarget target)) {
                check(raw, target, "seed " + seed + ": " + raw + " became " + target);
            }
        }
    }

    private static void check(String raw, RequestTarget target, String as) throws CharacterCodingException {
        assertThat(RequestTarget.parse("example.com", target.pathAndQuery()))
                .as(as)
                .isEqualTo(new Parsed.Accepted(target));
        String path = target.path();
        assertThat(path)
                .as(as)
                .startsWith("/")
                .doesNotContain("//", "\\", ";", "#", "?", "%2F", "%5C", "%00", "%2E", "%41");
        assertThat(path + "/").as(as).doesNotContain("/./", "/../");
        assertThat(path).as(as).doesNotContainPattern("%[0-9A-F]?[a-f]").matches("[!-~]+");
        assertThat(URI.create("http://example.com" + target.pathAndQuery()).getRawPath())
                .as(as)
                .isEqualTo(path);
        assertThat(decode(path)).as(as).isEqualTo(resolve(decode(raw.split("\\?", 2)[0])));
    }

    private static String draw(Random random) {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            path.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return path.toString();
    }

    private static String decode(String text) throws CharacterCodingException {
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        for (int i = 0; i < text.length(); i++) {
            boolean escape = text.charAt(i) == '%';
            bytes.put((byte) (escape ? Integer.parseInt(text.substring(i + 1, i + 3), 16) : text.charAt(i)));
            i += escape ? 2 : 0;
        }
        return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    }

    /** RFC 3986 §5.2.4 by regular expressions, after folding slashes: slow, and written by another train of thought. */
    private static String resolve(String decoded) {
        String path = decoded.replaceAll("/+", "/");
        for (String next = ""; !next.equals(path); ) {
            next = path;
            path = path.replaceFirst("/\\.(/|$)", "/")
                    .replaceFirst("^/\\.\\.(/|$)", "/")
                    .replaceFirst("/(?!\\.{1,2}/)[^/]+/\\.\\.(/|$)", "/");
        }
        return path;
    }
}
