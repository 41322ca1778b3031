package io.sallyport.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code decisions list}: who requested which application, with the outcome. */
@Command(
        name = "list",
        description = "List decisions, newest first. Equal decisions within a minute are shown as one.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport decisions list --email ada@example.com --since 2h",
            "  sallyport decisions list --app wiki.example.com --outcome denied -o json"
        },
        mixinStandardHelpOptions = true)
final class DecisionsList implements Callable<Integer> {
    private final Terminal terminal;
    private final ApiOptions api;

    @Option(
            names = "--email",
            paramLabel = "ADDRESS",
            description = "Only decisions about this person: the complete address")
    private @Nullable String email;

    @Option(
            names = "--app",
            paramLabel = "APP",
            description = "Only decisions about this application: name, host or id")
    private @Nullable String app;

    @Option(names = "--outcome", paramLabel = "OUTCOME", description = "Only allowed, denied or login_required")
    private @Nullable String outcome;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Only decisions after this time: 2h, 3d, today, yesterday, or 2026-01-31T12:00:00Z")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only decisions before this time")
    private @Nullable String until;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "25",
            description = "The largest number of decisions to list (default 25)")
    private int limit;

    @Mixin
    private final ForPrograms form = new ForPrograms();

    DecisionsList(Terminal terminal, ApiOptions api) {
        this.terminal = terminal;
        this.api = api;
    }

    @Override
    public Integer call() {
        List<String> query = new ArrayList<>();
        add(query, "email", email);
        add(query, "app", app);
        add(query, "outcome", outcome);
        add(query, "since", moment(since));
        add(query, "until", moment(until));
        query.add("per_page=" + limit);
        ApiClient client = api.client(terminal);
        JsonNode found = client.get(client.account() + "/sallyport/decisions?" + String.join("&", query));
        if (form.print(found, terminal)) {
            return 0;
        }
        if (found.isEmpty()) {
            terminal.err().println("No decision matches; look further back with --since, or remove a condition.");
            return 0;
        }
        Table table = new Table("id", "at", "outcome", "who", "application", "reason", "repeats");
        found.forEach(each -> table.row(
                each.path("id").asString(""),
                Moments.shown(each.path("at").asString(""), terminal),
                each.path("outcome").asString(""),
                DecisionText.who(each),
                each.at("/application/name").asString(""),
                each.path("reason").asString(""),
                each.path("repeats").asString("0")));
        table.print(terminal.out());
        return 0;
    }

    private @Nullable String moment(@Nullable String text) {
        return text == null
                ? null
                : Moments.read(text, terminal.clock().instant(), terminal.zone())
                        .toString();
    }

    private static void add(List<String> query, String name, @Nullable String value) {
        if (value != null) {
            query.add(name + "=" + ApiClient.encoded(value));
        }
    }
}
