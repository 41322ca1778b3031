package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table answers as a scan over all patterns with the order of precedence written out would. */
class HostTablePropertyTest {
    private static final int QUESTIONS = 200;
    private static final String[] LABELS = {"a", "ab", "abc", "b", "a-b", "*", "a*", "*b", "a*b", "*-b"};
    private static final String[] SEGMENTS = {"x", "xy", "y", "x*", "*", "*y", "%21", "!"};

    static LongStream seeds() {
        long first = System.nanoTime();
        return LongStream.range(first, first + 300);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @DisplayName("PN-04 PN-07: the table finds what a scan would find")
    void findsWhatAScanWouldFind(long seed) {
        Random random = new Random(seed);
        List<HostTable.Entry<String>> entries = entries(random, 1 + random.nextInt(60));
        HostTable<String> table = HostTable.of(entries);
        for (int i = 0; i < QUESTIONS; i++) {
            HostName host = new HostName(host(random));
            String path = path(random);
            assertThat(table.find(host, path))
                    .as("seed %d: %s%s among %s", seed, host, path, entries)
                    .isEqualTo(scan(entries, host, path));
        }
    }

    private static List<HostTable.Entry<String>> entries(Random random, int count) {
        List<HostTable.Entry<String>> entries = new ArrayList<>();
        Set<UrlPattern> seen = new HashSet<>();
        for (int i = 0; i < count; i++) {
            UrlPattern pattern = UrlPattern.parse(pattern(random));
            if (seen.add(pattern)) {
                entries.add(new HostTable.Entry<>(pattern, random.nextInt(1_000_000), pattern + " #" + i));
            }
        }
        return entries;
    }

    private static String pattern(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(LABELS[random.nextInt(LABELS.length)]).append('.');
        }
        text.append("test");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append('/').append(SEGMENTS[random.nextInt(SEGMENTS.length)]);
        }
        return text.toString();
    }

    private static String host(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(LABELS[random.nextInt(LABELS.length)].replace("*", "ab".substring(random.nextInt(2))))
                    .append('.');
        }
        return text.append("test").toString();
    }

    private static String path(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append('/')
                    .append(SEGMENTS[random.nextInt(SEGMENTS.length)].replace("*", "x".repeat(random.nextInt(2))));
        }
        String path = text.append(random.nextInt(4) == 0 ? "/" : "").toString();
        return path.isEmpty() ? "/" : path.replaceAll("/+", "/");
    }

    private static Optional<String> scan(List<HostTable.Entry<String>> entries, HostName host, String path) {
        return entries.stream()
                .filter(entry -> entry.pattern().matches(host, path))
                .min(Comparator.<HostTable.Entry<String>, Boolean>comparing(e -> host(e).contains("*"))
                        .thenComparing(
                                e -> -host(e).replace("*", "").replace(".", "").length())
                        .thenComparing(e -> -literalPrefix(e))
                        .thenComparing(e -> path(e).contains("*"))
                        .thenComparing(e -> (host(e) + path(e))
                                .chars()
                                .filter(c -> c == '*')
                                .count())
                        .thenComparing(HostTable.Entry::age))
                .map(HostTable.Entry::value);
    }

    private static String host(HostTable.Entry<String> entry) {
        return entry.pattern().toString().split("/", 2)[0];
    }

    private static String path(HostTable.Entry<String> entry) {
        String text = entry.pattern().toString();
        String path = text.substring(host(entry).length());
        return path.equals("/*") ? "" : path.replace("%21", "!");
    }

    private static int literalPrefix(HostTable.Entry<String> entry) {
        int star = path(entry).indexOf('*');
        return star < 0 ? path(entry).length() : star;
    }
}
