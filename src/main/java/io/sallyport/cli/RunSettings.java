package io.sallyport.cli;

import io.sallyport.connector.Configuration;
import io.sallyport.connector.ConnectorFile;
import io.sallyport.connector.ConnectorSettings;
import io.sallyport.connector.Ingress;
import io.sallyport.connector.InvalidConfiguration;
import io.sallyport.connector.ManagementSettings;
import io.sallyport.connector.OriginProxies;
import io.sallyport.connector.Permissions;
import io.sallyport.connector.Protocol;
import io.sallyport.http.GoDuration;
import io.sallyport.http.HostName;
import io.sallyport.tunnel.wire.EdgeGuide;
import io.sallyport.tunnel.wire.TunnelCredentials;
import io.sallyport.tunnel.wire.WireRefusal;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Computes the connector's settings from flags, environment and file, in cloudflared's order of precedence. */
final class RunSettings {
    private static final Duration LONGEST_GRACE = Duration.ofMinutes(3);
    private static final int MOST_CONNECTIONS = 32;
    private static final String EDGE_PORT = "7844";

    /** The flags that the edge may show to admins. */
    private static final List<TunnelFlag> SHOWN = List.of(
            TunnelFlag.NO_AUTOUPDATE,
            TunnelFlag.RETRIES,
            TunnelFlag.PROTOCOL,
            TunnelFlag.LOGLEVEL,
            TunnelFlag.METRICS,
            TunnelFlag.EDGE_IP_VERSION);

    private final Terminal terminal;
    private final TunnelOptions options;
    private final TunnelApiOptions api;
    private final Optional<ConnectorFile> file;

    RunSettings(Terminal terminal, TunnelOptions options, TunnelApiOptions api, Optional<ConnectorFile> file) {
        this.terminal = terminal;
        this.options = options;
        this.api = api;
        this.file = file;
    }

    /** @param named the tunnel's name or id from the command line; null when none was given */
    ConnectorSettings settings(@Nullable String named) {
        if (options.isOn(TunnelFlag.POST_QUANTUM, terminal, file)) {
            throw new CommandFailure("--post-quantum is not available in this connector; remove it");
        }
        TunnelCredentials credentials = guided(credentials(named));
        List<String> edges = edges(credentials.edge());
        return new ConnectorSettings(
                credentials,
                edges,
                edgeCa(edges, credentials.edge()),
                protocol(),
                number(TunnelFlag.HA_CONNECTIONS, 4, 1, MOST_CONNECTIONS),
                number(TunnelFlag.RETRIES, 5, 0, 10),
                duration(TunnelFlag.RPC_TIMEOUT, Duration.ofSeconds(5), Duration.ofMinutes(1)),
                duration(TunnelFlag.GRACE_PERIOD, Duration.ofSeconds(30), LONGEST_GRACE),
                tags(),
                options.values(TunnelFlag.FEATURES, terminal, file),
                permissions(),
                version(),
                family(),
                bindAddress(),
                OriginProxies.of(terminal::variable),
                management());
    }

    private ManagementSettings management() {
        String hostname = value(TunnelFlag.MANAGEMENT_HOSTNAME).orElse(ManagementSettings.USUAL_HOSTNAME);
        if (HostName.parse(hostname).isEmpty()) {
            throw CommandFailure.misuse("management-hostname: '" + hostname + "' is not a host name");
        }
        return new ManagementSettings(
                hostname,
                value(TunnelFlag.MANAGEMENT_DIAGNOSTICS)
                        .map(Boolean::parseBoolean)
                        .orElse(true),
                value(TunnelFlag.LABEL).orElse(""));
    }

    private static Ingress rules(ConnectorFile file) {
        try {
            return file.ingress();
        } catch (InvalidConfiguration e) {
            throw new InvalidConfiguration("the rules in " + file.path() + " are not valid: " + e.getMessage());
        }
    }

    /** The rules from the file, or from the flags for a single origin, or none. */
    Configuration configuration(Optional<ConnectorFile> from) {
        ConnectorFile source = from.orElseGet(() -> ConnectorFile.parse(Path.of("command line flag"), ""));
        Optional<String> single = singleOrigin(from);
        Ingress ingress;
        if (source.hasIngress()) {
            ingress = rules(source);
        } else if (single.isPresent()) {
            ingress = Ingress.of(single.get(), originRequest(from));
        } else {
            ingress = Ingress.NONE;
        }
        return Configuration.local(ingress, source, options.set(SHOWN, terminal, from));
    }

    private Optional<String> singleOrigin(Optional<ConnectorFile> from) {
        if (options.isOn(TunnelFlag.HELLO_WORLD, terminal, from)) {
            return Optional.of("hello_world");
        }
        if (options.isOn(TunnelFlag.BASTION, terminal, from)) {
            return Optional.of("bastion");
        }
        return options.value(TunnelFlag.URL, terminal, from)
                .or(() -> options.value(TunnelFlag.UNIX_SOCKET, terminal, from).map(path -> "unix:" + path));
    }

    private ObjectNode originRequest(Optional<ConnectorFile> from) {
        ObjectNode keys = JsonNodeFactory.instance.objectNode();
        for (TunnelFlag flag : TunnelFlag.values()) {
            if (!flag.originKey().isEmpty()) {
                options.value(flag, terminal, from).ifPresent(value -> {
                    if (flag.kind().isSwitch()) {
                        keys.put(flag.originKey(), Boolean.parseBoolean(value));
                    } else if (flag == TunnelFlag.KEEPALIVE_CONNECTIONS) {
                        keys.put(flag.originKey(), number(flag, 100, 0, Integer.MAX_VALUE));
                    } else {
                        keys.put(flag.originKey(), value);
                    }
                });
            }
        }
        if (options.isOn(TunnelFlag.SOCKS5, terminal, from)) {
            keys.put("proxyType", "socks");
        }
        return keys;
    }

    private TunnelCredentials credentials(@Nullable String named) {
        Optional<String> token =
                value(TunnelFlag.TOKEN).or(() -> value(TunnelFlag.TOKEN_FILE).map(RunSettings::read));
        try {
            if (token.isPresent()) {
                return TunnelCredentials.ofToken(token.get());
            }
        } catch (WireRefusal e) {
            throw CommandFailure.misuse(String.valueOf(e.getMessage()));
        }
        Optional<String> tunnel =
                Optional.ofNullable(named).or(() -> file.flatMap(written -> written.option("tunnel")));
        try {
            return ofFile(tunnel);
        } catch (WireRefusal e) {
            String old =
                    tunnel.isPresent() ? "" : "; an old file does not contain the tunnel's id: name the tunnel too";
            throw new CommandFailure(e.getMessage() + old, e);
        }
    }

    private TunnelCredentials ofFile(Optional<String> tunnel) {
        Optional<UUID> id = tunnel.flatMap(RunSettings::uuid);
        Optional<String> inline = value(TunnelFlag.CREDENTIALS_CONTENTS);
        if (inline.isPresent()) {
            return TunnelCredentials.ofFile(inline.get(), id.orElse(null));
        }
        Optional<String> path = value(TunnelFlag.CREDENTIALS_FILE);
        if (path.isPresent()) {
            if (path.get().endsWith(".pem")) {
                throw new CommandFailure("the credentials file is the tunnel's .json, not the account's .pem");
            }
            return TunnelCredentials.ofFile(read(path.get()), id.orElse(null));
        }
        String named = tunnel.orElseThrow(() -> CommandFailure.misuse("which tunnel? Give its name or id, a token with"
                + " --token-file or TUNNEL_TOKEN, or 'tunnel:' in the config file"));
        UUID known = id.orElseGet(
                () -> UUID.fromString(api.connect(terminal).find(named).id()));
        return ConnectorFile.directories(terminal.home())
                .map(directory -> directory.resolve(known + ".json"))
                .filter(Files::isRegularFile)
                .findFirst()
                .map(found -> TunnelCredentials.ofFile(read(found.toString()), known))
                .orElseThrow(() -> new CommandFailure("there are no credentials for tunnel " + known
                        + "; give their file with --credentials-file, or use a token"));
    }

    /** Completes credentials without the edge's address, as cloudflared writes them, from the cert.pem of the same account. */
    private TunnelCredentials guided(TunnelCredentials credentials) {
        if (!credentials.edge().equals(EdgeGuide.NONE)) {
            return credentials;
        }
        return api.cert(terminal)
                .filter(cert -> cert.accountId().equals(credentials.accountTag()))
                .map(cert -> credentials.with(cert.edge()))
                .orElse(credentials);
    }

    /** The addresses to dial: from the flags, else from the credentials, else the host of the API, else this machine. */
    private List<String> edges(EdgeGuide told) {
        List<String> named = options.values(TunnelFlag.EDGE, terminal, file);
        if (!named.isEmpty()) {
            return named;
        }
        if (!told.address().isEmpty()) {
            return List.of(told.address());
        }
        return List.of(api.gateway(terminal).map(URI::getHost).orElse("localhost") + ":" + EDGE_PORT);
    }

    /**
     * The file with the edge's certificate authority. A gateway on this machine writes one beside its data, which is used if no other is
     * given.
     */
    private Optional<Path> edgeCa(List<String> edges, EdgeGuide told) {
        Optional<Path> named = value(TunnelFlag.CACERT).map(Path::of);
        if (named.isPresent() || !told.authority().isEmpty()) {
            return named;
        }
        Path local = Path.of(terminal.variable("SALLYPORT_DATA_DIR").orElse("data"), "tunnel-ca.pem");
        boolean near = edges.stream().allMatch(edge -> edge.startsWith("localhost:") || edge.startsWith("127."));
        return near && Files.isReadable(local) ? Optional.of(local) : Optional.empty();
    }

    private Optional<InetAddress> bindAddress() {
        return value(TunnelFlag.EDGE_BIND_ADDRESS).map(text -> {
            try {
                return InetAddress.ofLiteral(text);
            } catch (IllegalArgumentException e) {
                throw CommandFailure.misuse("edge-bind-address: '" + text + "' is not an IP address");
            }
        });
    }

    private Optional<Protocol> protocol() {
        String word = value(TunnelFlag.PROTOCOL).orElse("auto");
        return switch (word) {
            case "auto" -> Optional.empty();
            case "quic" -> Optional.of(Protocol.QUIC);
            case "http2", "h2mux" -> Optional.of(Protocol.HTTP2);
            default -> throw CommandFailure.misuse("protocol: '" + word + "' is not one of auto, quic, http2");
        };
    }

    private int family() {
        String word = value(TunnelFlag.EDGE_IP_VERSION).orElse("auto");
        int wanted = switch (word) {
            case "auto" -> 0;
            case "4" -> 4;
            case "6" -> 6;
            default -> throw CommandFailure.misuse("edge-ip-version: '" + word + "' is not one of 4, 6, auto");
        };
        // The edge's address must be of the same IP version as the local one.
        int bound = bindAddress()
                .map(address -> address instanceof Inet4Address ? 4 : 6)
                .orElse(wanted);
        if (wanted != 0 && bound != wanted) {
            throw CommandFailure.misuse("edge-bind-address: the address is not of edge-ip-version " + word);
        }
        return bound;
    }

    private Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        for (String tag : options.values(TunnelFlag.TAG, terminal, file)) {
            int equals = tag.indexOf('=');
            if (equals < 1 || !tag.substring(0, equals).matches("[A-Za-z0-9-]+")) {
                throw CommandFailure.misuse("tag: '" + tag + "' is not KEY=VALUE");
            }
            tags.put(tag.substring(0, equals), tag.substring(equals + 1));
        }
        return tags;
    }

    private Permissions permissions() {
        List<String> allowed = options.values(TunnelFlag.ALLOW, terminal, file);
        allowed.stream()
                .filter(each ->
                        !List.of("bastion", "socks-proxy", "private-network").contains(each))
                .findFirst()
                .ifPresent(unknown -> {
                    throw CommandFailure.misuse(
                            "allow: '" + unknown + "' is not one of bastion, socks-proxy, private-network");
                });
        return new Permissions(
                allowed.contains("bastion"), allowed.contains("socks-proxy"), allowed.contains("private-network"));
    }

    private int number(TunnelFlag flag, int otherwise, int least, int most) {
        return value(flag)
                .map(text -> {
                    try {
                        int number = Integer.parseInt(text);
                        if (number >= least && number <= most) {
                            return number;
                        }
                    } catch (NumberFormatException e) {
                        // reported below
                    }
                    throw CommandFailure.misuse(
                            flag.flag() + ": '" + text + "' is not a number from " + least + " to " + most);
                })
                .orElse(otherwise);
    }

    private Duration duration(TunnelFlag flag, Duration otherwise, Duration most) {
        return value(flag)
                .map(text -> GoDuration.parse(text)
                        .filter(duration -> duration.compareTo(most) <= 0)
                        .orElseThrow(() -> CommandFailure.misuse(flag.flag() + ": '" + text
                                + "' is not a duration up to " + GoDuration.format(most) + ", write it like 30s")))
                .orElse(otherwise);
    }

    private Optional<String> value(TunnelFlag flag) {
        return options.value(flag, terminal, file);
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + path + ": " + Trouble.with(e), e);
        }
    }

    private static String version() {
        String version = RunSettings.class.getPackage().getImplementationVersion();
        return "sallyport-" + (version == null ? "development" : version);
    }
}
