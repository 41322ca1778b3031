package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Matching agrees with the rules of ingress written out again, in the plainest way, over labels instead of suffixes. */
class IngressPropertyTest {
    private static final String[] LABELS = {"a", "b", "ab", "xn--bcher-kva"};
    private static final String[] SEGMENTS = {"x", "xy", "y", ""};

    private record Written(String hostname, String path) {}

    static LongStream seeds() {
        long first = System.nanoTime();
        return LongStream.range(first, first + 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void findsWhatAPlainScanWouldFind(long seed) {
        Random random = new Random(seed);
        List<Written> rules = new ArrayList<>();
        for (int i = random.nextInt(12); i > 0; i--) {
            rules.add(rule(random));
        }
        rules.add(new Written("", ""));
        Ingress ingress = ingress(rules);
        for (int i = 0; i < 50; i++) {
            String host = name(random);
            String path =
                    "/" + SEGMENTS[random.nextInt(SEGMENTS.length)] + "/" + SEGMENTS[random.nextInt(SEGMENTS.length)];
            assertThat(ingress.find(host + (random.nextBoolean() ? ":8443" : ""), path + "?x=/y"))
                    .as("seed %d: %s%s among %s", seed, host, path, rules)
                    .hasValue(scan(rules, host, path));
        }
    }

    private static Written rule(Random random) {
        String host = random.nextInt(4) == 0 ? "" : (random.nextInt(3) == 0 ? "*." : "") + name(random);
        String path = host.isEmpty() || random.nextBoolean() ? "/" + SEGMENTS[random.nextInt(3)] : "";
        return new Written(host, path);
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder(LABELS[random.nextInt(LABELS.length)]);
        for (int i = random.nextInt(3); i > 0; i--) {
            name.append('.').append(LABELS[random.nextInt(LABELS.length)]);
        }
        return name.toString();
    }

    private static Ingress ingress(List<Written> rules) {
        JsonMapper json = JsonMapper.shared();
        var list = json.createArrayNode();
        for (Written rule : rules) {
            list.addObject()
                    .put("hostname", rule.hostname())
                    .put("path", rule.path())
                    .put("service", "http://x");
        }
        return Ingress.read(list, json.createObjectNode(), Spelling.API);
    }

    private static int scan(List<Written> rules, String host, String path) {
        for (int i = 0; i < rules.size(); i++) {
            Written rule = rules.get(i);
            if (fits(List.of(rule.hostname().split("\\.")), List.of(host.split("\\."))) && path.contains(rule.path())) {
                return i;
            }
        }
        return rules.size() - 1;
    }

    private static boolean fits(List<String> pattern, List<String> host) {
        if (pattern.equals(List.of(""))) {
            return true;
        }
        if (!pattern.getFirst().equals("*")) {
            return pattern.equals(host);
        }
        List<String> tail = pattern.subList(1, pattern.size());
        return host.size() > tail.size()
                && host.subList(host.size() - tail.size(), host.size()).equals(tail);
    }
}
