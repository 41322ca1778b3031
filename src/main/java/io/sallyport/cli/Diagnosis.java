package io.sallyport.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One line of the doctor's report.
 *
 * @param check what was looked at
 * @param verdict {@code ok}, {@code warning} or {@code failed}
 * @param sentence what was found, and what to do
 */
record Diagnosis(String check, String verdict, String sentence) {
    private static final String OK = "ok";
    private static final String WARNING = "warning";
    private static final String FAILED = "failed";

    static Diagnosis ok(String check, String sentence) {
        return new Diagnosis(check, OK, sentence);
    }

    static Diagnosis warning(String check, String sentence) {
        return new Diagnosis(check, WARNING, sentence);
    }

    static Diagnosis failed(String check, String sentence) {
        return new Diagnosis(check, FAILED, sentence);
    }

    /** Adds what the gateway found about itself. */
    static void read(JsonNode examination, List<Diagnosis> into) {
        examination
                .path("findings")
                .forEach(finding -> into.add(new Diagnosis(
                        finding.path("check").asString(""),
                        finding.path("verdict").asString(FAILED),
                        finding.path("sentence").asString(""))));
    }

    /** Prints them; the exit status is 1 when one of them failed. */
    static int report(List<Diagnosis> all, @Nullable JsonNode setup, @Nullable Rendering output, Terminal terminal) {
        boolean healthy = all.stream().noneMatch(each -> each.verdict().equals(FAILED));
        if (output != null) {
            ObjectNode document = JsonMapper.shared().createObjectNode().put("healthy", healthy);
            if (setup != null) {
                document.set("setup", setup);
            }
            ArrayNode findings = document.putArray("findings");
            all.forEach(each -> findings.addObject()
                    .put("check", each.check())
                    .put("verdict", each.verdict())
                    .put("sentence", each.sentence()));
            output.print(document, terminal.out());
        } else {
            all.forEach(each -> Printable.line(
                    terminal.out(),
                    String.format(Locale.ROOT, "%-8s %-14s %s", each.verdict(), each.check(), each.sentence())));
        }
        return healthy ? 0 : 1;
    }
}
