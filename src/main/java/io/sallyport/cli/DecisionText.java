package io.sallyport.cli;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Prints a decision and its tree in plain words. */
final class DecisionText {
    private static final int RULE_WIDTH = 52;

    private final PrintStream out;
    private final Map<String, String> names;

    /** @param names the names of the objects to which rules refer by id */
    DecisionText(PrintStream out, Map<String, String> names) {
        this.out = out;
        this.names = names;
    }

    /** Prints the answer of {@code GET …/sallyport/decisions/{id}}. */
    static void print(JsonNode decision, Terminal terminal) {
        PrintStream out = terminal.out();
        Printable.line(out, headline(decision));
        circumstances(decision, terminal).forEach(line -> Printable.line(out, line));
        int repeats = decision.path("repeats").asInt(0);
        if (repeats > 0) {
            Printable.line(out, "  repeats  " + repeats + " equal decisions followed");
        }
        out.println();
        Map<String, String> names = new HashMap<>();
        decision.path("names")
                .properties()
                .forEach(each -> names.put(each.getKey(), each.getValue().asString("")));
        new DecisionText(out, names).tree(decision.path("tree"));
    }

    private static List<String> circumstances(JsonNode decision, Terminal terminal) {
        JsonNode request = decision.path("request");
        String country = request.path("country").asString("");
        String same = decision.path("same_as").asString("");
        return List.of(
                "  who      " + who(decision),
                "  where    " + decision.at("/application/name").asString("") + " ("
                        + decision.at("/application/domain").asString("") + "), "
                        + request.path("method").asString("") + " "
                        + request.path("path").asString(""),
                "  from     " + request.path("client_ip").asString("") + (country.isEmpty() ? "" : ", " + country),
                "  when     " + Moments.shown(decision.path("at").asString(""), terminal) + ", "
                        + (decision.path("place").asString("").equals("login") ? "at sign-in" : "at the gateway")
                        + ", session "
                        + decision.path("session").asString(""),
                "  id       " + decision.path("id").asString("")
                        + (same.isEmpty() ? "" : ", the same as " + same)
                        + ", configuration version "
                        + decision.path("config_version").asString(""));
    }

    private static String headline(JsonNode decision) {
        String policy = decision.path("policy_name").asString("");
        return decision.path("outcome").asString("").toUpperCase(Locale.ROOT).replace('_', ' ') + ": "
                + decision.path("reason").asString("").replace('_', ' ')
                + (policy.isEmpty() ? "" : " \"" + policy + "\"");
    }

    /** The person or service of a decision. */
    static String who(JsonNode decision) {
        JsonNode who = decision.path("who");
        if (who.path("email").isString()) {
            return who.path("email").asString();
        }
        if (who.path("service_token_name").isString()) {
            return "service token " + who.path("service_token_name").asString();
        }
        return who.path("certificate_common_name").isString()
                ? "client certificate " + who.path("certificate_common_name").asString()
                : "nobody signed in";
    }

    /** Prints the policies in the order in which they were evaluated. */
    void tree(JsonNode tree) {
        JsonNode policies = tree.path("policies");
        if (policies.isEmpty()) {
            Printable.line(out, "The application has no policies, so it admits nobody.");
        }
        for (int i = 0; i < policies.size(); i++) {
            JsonNode policy = policies.get(i);
            Printable.line(
                    out,
                    (i + 1) + ". " + policy.path("decision").asString("") + " \""
                            + policy.path("name").asString("") + "\": " + effect(policy));
            if (!policy.path("effect").asString("").equals("not_reached")) {
                rules("any of", policy, "include", "   ");
                rules("none of", policy, "exclude", "   ");
                rules("all of", policy, "require", "   ");
            }
        }
        if (tree.has("with_report_only")) {
            out.println();
            Printable.line(
                    out,
                    "With the report-only policies in force: "
                            + tree.at("/with_report_only/outcome").asString("").replace('_', ' '));
        }
    }

    private static String effect(JsonNode policy) {
        boolean only = policy.path("sallyport_report_only").asBoolean(false);
        return switch (policy.path("effect").asString("")) {
            case "admits" -> only ? "would let the request in (report only)" : "lets the request in";
            case "refuses" -> only ? "would refuse the request (report only)" : "refuses the request";
            case "asks_for_login" -> only ? "would ask for a login (report only)" : "asks for a login";
            case "not_reached" -> "not reached";
            default -> "does not match" + (only ? " (report only)" : "");
        };
    }

    private void rules(String words, JsonNode parent, String list, String indent) {
        JsonNode rules = parent.path(list);
        if (rules.isEmpty()) {
            return;
        }
        Printable.line(out, indent + list + ", " + words);
        for (JsonNode rule : rules) {
            String text = indent + "  " + mark(rule.path("truth").asString("")) + " " + spell(rule);
            String saw = rule.path("saw").isString() ? "saw " + rule.path("saw").asString() : "";
            Printable.line(out, (text + " ".repeat(Math.max(1, RULE_WIDTH - text.length())) + saw).stripTrailing());
            JsonNode inside = grouped(rule);
            rules("any of", inside, "include", indent + "      ");
            rules("none of", inside, "exclude", indent + "      ");
            rules("all of", inside, "require", indent + "      ");
            omitted(rule.path("rules_omitted"), indent + "      ");
        }
        omitted(parent.path(list + "_omitted"), indent);
    }

    private void omitted(JsonNode count, String indent) {
        if (count.asInt(0) > 0) {
            Printable.line(out, indent + "  no  " + count.asInt(0) + " more rules do not match");
        }
    }

    /** The rules of a group are in one list; their pointers tell which of include, require and exclude each belongs to. */
    private static JsonNode grouped(JsonNode rule) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        rule.path("rules")
                .forEach(inner -> object.withArray(
                                inner.path("pointer").asString("").split("/", 3)[1])
                        .add(inner));
        return object;
    }

    private static String mark(String truth) {
        return switch (truth) {
            case "true" -> "yes";
            case "false" -> "no ";
            default -> "?  ";
        };
    }

    private String spell(JsonNode rule) {
        if (rule.path("group").isString()) {
            return "group \"" + rule.path("group").asString() + "\"";
        }
        JsonNode selector = rule.path("rule");
        List<String> words = selector.properties().stream()
                .map(each -> each.getKey()
                        + each.getValue().properties().stream()
                                .filter(member -> !member.getKey().equals("identity_provider_id"))
                                .map(member -> " " + said(member.getValue()))
                                .collect(Collectors.joining()))
                .toList();
        return String.join(" ", words);
    }

    /** A value; for an id, the name of its object if it is known. */
    private String said(JsonNode value) {
        String text = value.isString() ? value.stringValue() : value.toString();
        String name = names.get(text);
        return name == null ? text : '"' + name + '"';
    }
}
