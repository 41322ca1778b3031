package io.sallyport.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.sallyport.token.ManagementClaims;
import io.sallyport.token.ManagementResource;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code tail} and {@code tunnel tail}: shows a connector's log as it is written, wherever the connector runs. */
@Command(
        name = "tail",
        description = {
            "Show the log of a tunnel's connector as it is written, until interrupted.",
            "One reader at a time; a second one with the same API token replaces the first."
        },
        mixinStandardHelpOptions = true)
final class TailCommand implements Callable<Integer> {
    private static final List<String> EVENTS = List.of("cloudflared", "http", "tcp", "udp");
    private static final List<String> LEVELS = List.of("debug", "info", "warn", "error");
    private static final int NORMAL = 1000;
    private static final int POLICY = 1008;
    private static final int NO_CONNECTOR = 530;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Parameters(paramLabel = "TUNNEL", arity = "0..1", description = "Its id or name; not needed with a token")
    private @Nullable String tunnel;

    @Option(
            names = "--connector-id",
            paramLabel = "UUID",
            description = "Which connector, when there are several (TUNNEL_MANAGEMENT_CONNECTOR; see tunnel info)")
    private @Nullable String connector;

    @Option(
            names = "--event",
            paramLabel = "WORD",
            split = ",",
            description =
                    "Only lines about cloudflared (the connector itself), http, tcp or udp; may be repeated (TUNNEL_MANAGEMENT_FILTER_EVENTS)")
    private List<String> events = new ArrayList<>();

    @Option(
            names = "--level",
            paramLabel = "WORD",
            description = "debug, info, warn or error (default debug; TUNNEL_MANAGEMENT_FILTER_LEVEL)")
    private @Nullable String level;

    @Option(
            names = "--sample",
            paramLabel = "SHARE",
            description =
                    "Show only this share of the lines, above 0 up to 1 (default 1; TUNNEL_MANAGEMENT_FILTER_SAMPLE)")
    private @Nullable String sample;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "A management token, instead of one from the API; prefer TUNNEL_MANAGEMENT_TOKEN")
    private @Nullable String token;

    @Option(
            names = "--management-hostname",
            paramLabel = "HOST",
            description = "Connect to this host over TLS instead of the API's address (TUNNEL_MANAGEMENT_HOSTNAME)")
    private @Nullable String hostname;

    @Option(
            names = {"--output", "-o"},
            paramLabel = "FORMAT",
            description = "Output format: default, or json with one object per line (TUNNEL_MANAGEMENT_OUTPUT)")
    private @Nullable String output;

    TailCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    /** {@code tail} as a command of its own, as with cloudflared, with its own options for the API. */
    static CommandLine commandLine(Terminal terminal) {
        TunnelApiOptions api = new TunnelApiOptions();
        CommandLine line = new CommandLine(new TailCommand(terminal, api));
        line.addMixin("api", api);
        return line;
    }

    /**
     * The address to connect to, and the host to ask for there.
     *
     * @param mayRenew whether a new token can be requested when this one has expired
     */
    private record Way(URI url, String host, boolean mayRenew) {}

    @Override
    public Integer call() {
        // Netty's default logger would load Logback, and with it a part of Spring Boot.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        boolean asJson = oneOf(
                        "output", given(output, "TUNNEL_MANAGEMENT_OUTPUT", "default"), List.of("default", "json"))
                .equals("json");
        String start = start();
        while (true) {
            Way way = way();
            LogSocket.End end = read(way, start, asJson);
            if (end.code() == NORMAL) {
                return 0;
            }
            if (end.code() != POLICY || !way.mayRenew()) {
                throw new CommandFailure("the stream was ended: %s (%d)".formatted(end.reason(), end.code()));
            }
        }
    }

    private LogSocket.End read(Way way, String start, boolean asJson) {
        LogSocket socket = new LogSocket(way.url(), way.host(), Trust.authorities(terminal));
        Thread farewell = new Thread(socket::close);
        Runtime.getRuntime().addShutdownHook(farewell);
        try {
            LogSocket.End end = socket.read(start, text -> print(text, asJson));
            Runtime.getRuntime().removeShutdownHook(farewell);
            return end;
        } catch (LogSocket.Refused refused) {
            throw new CommandFailure(explain(refused), refused);
        } finally {
            socket.close();
        }
    }

    private String start() {
        Map<String, Object> filters = new LinkedHashMap<>();
        List<String> kinds = events.isEmpty()
                ? terminal.variable("TUNNEL_MANAGEMENT_FILTER_EVENTS")
                        .map(list -> List.of(list.split("\\s*,\\s*")))
                        .orElse(List.of())
                : events;
        if (!kinds.isEmpty()) {
            filters.put(
                    "events",
                    kinds.stream().map(kind -> oneOf("event", kind, EVENTS)).toList());
        }
        filters.put("level", oneOf("level", given(level, "TUNNEL_MANAGEMENT_FILTER_LEVEL", "debug"), LEVELS));
        filters.put("sampling", share(given(sample, "TUNNEL_MANAGEMENT_FILTER_SAMPLE", "1")));
        return JSON.writeValueAsString(Map.of("type", "start_streaming", "filters", filters));
    }

    private Way way() {
        Optional<String> shown = Optional.ofNullable(token).or(() -> terminal.variable("TUNNEL_MANAGEMENT_TOKEN"));
        URI base;
        String compact;
        if (shown.isPresent()) {
            base = options.base(terminal);
            compact = shown.get();
        } else if (tunnel == null) {
            throw CommandFailure.misuse("which tunnel? Give its name or id");
        } else {
            TunnelApi api = options.connect(terminal);
            base = api.address();
            compact = api.managementToken(api.find(tunnel), ManagementResource.LOGS);
        }
        ManagementClaims claims = ManagementClaims.claimed(compact)
                .orElseThrow(() -> CommandFailure.misuse("the token is not a management token"));
        String query = "/logs?access_token=" + compact + connector();
        Optional<String> named =
                Optional.ofNullable(hostname).or(() -> terminal.variable("TUNNEL_MANAGEMENT_HOSTNAME"));
        if (named.isPresent()) {
            return new Way(uri("wss://" + named.get() + query), named.get(), shown.isEmpty());
        }
        String scheme = base.getScheme().equals("https") ? "wss" : "ws";
        return new Way(
                uri(scheme + "://" + base.getAuthority() + query),
                claims.host().isEmpty() ? base.getHost() : claims.host(),
                shown.isEmpty());
    }

    private String connector() {
        return Optional.ofNullable(connector)
                .or(() -> terminal.variable("TUNNEL_MANAGEMENT_CONNECTOR"))
                .map(id -> {
                    try {
                        return "&connector_id=" + UUID.fromString(id);
                    } catch (IllegalArgumentException e) {
                        throw CommandFailure.misuse("--connector-id: '" + id + "' is not a UUID");
                    }
                })
                .orElse("");
    }

    private static URI uri(String text) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException notAHost) {
            // said below
        }
        throw CommandFailure.misuse("--management-hostname is not a host name");
    }

    private String given(@Nullable String option, String variable, String otherwise) {
        return Optional.ofNullable(option).or(() -> terminal.variable(variable)).orElse(otherwise);
    }

    private static String oneOf(String flag, String word, List<String> words) {
        if (words.contains(word)) {
            return word;
        }
        throw CommandFailure.misuse("--%s: '%s' is not one of %s".formatted(flag, word, String.join(", ", words)));
    }

    private static double share(String text) {
        try {
            double share = Double.parseDouble(text);
            if (share > 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw CommandFailure.misuse("--sample: '" + text + "' is not a number above 0 and up to 1");
    }

    /** Prints one message of the connector. cloudflared omits the level if it is debug, and the event if it is cloudflared. */
    private void print(String text, boolean asJson) {
        JsonNode message;
        try {
            message = JSON.readTree(text);
        } catch (JacksonException e) {
            terminal.err().println("Warning: the connector sent a message that is not JSON");
            return;
        }
        for (JsonNode line : message.path("logs")) {
            Printable.line(
                    terminal.out(),
                    asJson
                            ? line.toString()
                            : "%s %s %s %s %s"
                                    .formatted(
                                            line.path("time").asString(""),
                                            line.path("level").asString("debug"),
                                            line.path("event").asString("cloudflared"),
                                            line.path("message").asString(""),
                                            line.path("fields").isObject() ? line.path("fields") : "{}"));
        }
        terminal.out().flush();
    }

    private static String explain(LogSocket.Refused refused) {
        List<String> reasons = new ArrayList<>();
        try {
            for (JsonNode error : JSON.readTree(refused.body()).path("errors")) {
                reasons.add("%s (code %s)"
                        .formatted(
                                error.path("message").asString(""),
                                error.path("code").asString("")));
            }
        } catch (JacksonException e) {
            // then there are none
        }
        String why = reasons.isEmpty() ? "no reason given" : String.join("; ", reasons);
        return refused.status() == NO_CONNECTOR && reasons.isEmpty()
                ? "no connector of this tunnel is connected"
                : "the log was refused with %d: %s".formatted(refused.status(), why);
    }
}
