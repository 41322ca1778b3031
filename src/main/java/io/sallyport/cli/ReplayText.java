package io.sallyport.cli;

import java.io.PrintStream;
import tools.jackson.databind.JsonNode;

/** Prints a replay: first who loses access, because that matters most, then who gains it, then who is refused for another reason. */
final class ReplayText {
    private final Terminal terminal;
    private final PrintStream out;

    ReplayText(Terminal terminal) {
        this.terminal = terminal;
        this.out = terminal.out();
    }

    /** Whether anybody gains or loses access. */
    static boolean changesAccess(JsonNode answer) {
        return count(answer, "gain") + count(answer, "lose") > 0;
    }

    private static int count(JsonNode answer, String kind) {
        return answer.path(kind).path("count").asInt(0);
    }

    void print(JsonNode answer, int days) {
        if (!changesAccess(answer)) {
            out.println("Nobody gains or loses access.");
            out.println();
        }
        section("Would lose access", answer.path("lose"));
        section("Would gain access", answer.path("gain"));
        section("Would still be refused, but for another reason", answer.path("other"));
        out.println(basis(answer, days));
        doubts(answer);
    }

    private void section(String heading, JsonNode kind) {
        int count = kind.path("count").asInt(0);
        if (count == 0) {
            return;
        }
        Printable.line(out, heading + ": " + count);
        Table table = new Table("who", "application", "now", "then", "decision");
        JsonNode examples = kind.path("examples");
        examples.forEach(each -> table.row(
                each.path("who").asString(""),
                each.path("application").asString(""),
                side(each.path("before")),
                side(each.path("after")),
                each.path("decision_id").asString("-")));
        table.print(out);
        int more = count - examples.size();
        if (more > 0) {
            out.println("and " + more + " more; --examples " + Math.min(count, 1000) + " lists them");
        }
        out.println();
    }

    /** One side's outcome, and the policy that decided it. */
    private static String side(JsonNode side) {
        String outcome = side.path("outcome").asString("").replace('_', ' ');
        String policy = side.path("policy").asString("");
        String reason = side.path("reason").asString("").replace('_', ' ');
        String why = policy.isEmpty() ? reason : '"' + policy + '"';
        return outcome.equals(why) ? outcome : outcome + ", " + why;
    }

    private static String basis(JsonNode answer, int days) {
        int questions = answer.at("/users/asked").asInt(0);
        int known = answer.at("/users/known").asInt(0);
        String people = known == 0
                ? "nobody has signed in yet"
                : questions == 0
                        ? "no application's policies change"
                        : counted(questions, "possible request", "possible requests") + " of "
                                + counted(known, "known person", "known people");
        return "Decided again: " + counted(answer.at("/decisions/asked").asInt(0), "decision", "decisions")
                + " of the last " + counted(days, "day", "days") + "; " + people + ".";
    }

    private static String counted(int number, String one, String several) {
        return number + " " + (number == 1 ? one : several);
    }

    /** Prints what the answer does not cover. */
    private void doubts(JsonNode answer) {
        int lost = answer.at("/decisions/without_identity").asInt(0);
        if (lost > 0) {
            terminal.err()
                    .println(counted(lost, "decision", "decisions")
                            + " could not be decided again: their login's data is no longer stored.");
        }
        if (!answer.path("complete").asBoolean(true)) {
            terminal.err().println("The time limit was reached, so the answer is incomplete. Try fewer --days.");
        }
    }
}
