package io.sallyport.cli;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A plan in words: {@code +} created, {@code ~} changed with each field, {@code -} removed, {@code ?} unknown to this token. */
final class PlanText {
    private static final int LONGEST = 200;

    private PlanText() {}

    static boolean isEmpty(JsonNode plan) {
        return plan.path("created").isEmpty()
                && plan.path("changed").isEmpty()
                && plan.path("removed").isEmpty();
    }

    static void print(JsonNode plan, PrintStream out) {
        if (isEmpty(plan)) {
            Printable.line(
                    out,
                    plan.path("left_open").isEmpty()
                            ? "Nothing to change."
                            : "Nothing to change, as far as this token may see.");
        }
        plan.path("created").forEach(each -> Printable.line(out, "+ " + named(each)));
        plan.path("changed").forEach(each -> {
            Printable.line(out, "~ " + named(each));
            each.path("fields")
                    .forEach(field -> Printable.line(
                            out,
                            "    " + field.path("path").asString("") + ": " + value(field.get("before")) + " -> "
                                    + value(field.get("after"))));
        });
        plan.path("removed").forEach(each -> Printable.line(out, "- " + named(each)));
        plan.path("left_open")
                .forEach(each -> Printable.line(
                        out,
                        "? " + named(each) + " " + each.path("path").asString("") + ": "
                                + each.path("why").asString("")));
        plan.path("warnings")
                .forEach(each -> Printable.line(
                        out,
                        "! " + each.path("application").asString("")
                                + (each.path("policy").isString()
                                        ? ", policy \"" + each.path("policy").asString() + "\""
                                        : "")
                                + ": " + each.path("reason").asString("") + "; "
                                + each.path("advice").asString("")));
    }

    /** Credentials that were created, which are shown only once. */
    static void printCredentials(JsonNode done, PrintStream out) {
        done.path("credentials").forEach(each -> {
            if (each.has("tunnel")) {
                Printable.line(out, "Token of tunnel \"" + each.path("tunnel").asString("") + "\":");
                Printable.line(out, "  " + each.path("token").asString(""));
                return;
            }
            if (each.has("identity_provider")) {
                Printable.line(
                        out,
                        "For the directory behind identity provider \""
                                + each.path("identity_provider").asString("") + "\", shown this once:");
                Printable.line(
                        out, "  SCIM address: " + each.path("scim_base_url").asString(""));
                Printable.line(out, "  SCIM secret: " + each.path("scim_secret").asString(""));
                return;
            }
            Printable.line(out, "Service token \"" + each.path("service_token").asString("") + "\", shown this once:");
            Printable.line(
                    out, "  CF-Access-Client-Id: " + each.path("client_id").asString(""));
            Printable.line(
                    out,
                    "  CF-Access-Client-Secret: " + each.path("client_secret").asString(""));
        });
    }

    private static String named(JsonNode each) {
        return each.path("kind").asString("") + " \"" + each.path("name").asString("") + "\"";
    }

    private static String value(@Nullable JsonNode value) {
        if (value == null) {
            return "(none)";
        }
        String text = value.toString();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
