package io.sallyport.cli;

import java.util.List;

/**
 * The options of a running tunnel, as cloudflared spells them: flag, environment variable, key of config.yml.
 * The command line has precedence over the environment, and the environment over the file.
 */
enum TunnelFlag {
    CONFIG("config", Kind.TEXT, "The config file (default: searched in ~/.cloudflared and /etc/cloudflared)"),
    EDGE(
            "edge",
            Kind.LIST,
            "Address of the gateway's tunnel port, HOST:PORT; may be repeated",
            "TUNNEL_EDGE",
            "SALLYPORT_EDGE"),
    CACERT(
            "cacert",
            Kind.TEXT,
            "PEM file with the edge's certificate authority; no other is trusted then",
            "TUNNEL_CACERT"),
    EDGE_IP_VERSION("edge-ip-version", Kind.TEXT, "4, 6 or auto", "TUNNEL_EDGE_IP_VERSION"),
    EDGE_BIND_ADDRESS(
            "edge-bind-address", Kind.TEXT, "Local address for connections to the edge", "TUNNEL_EDGE_BIND_ADDRESS"),
    PROTOCOL("protocol", Kind.TEXT, "auto, quic or http2 (default auto)", "TUNNEL_TRANSPORT_PROTOCOL"),
    HA_CONNECTIONS("ha-connections", Kind.TEXT, "How many connections to keep (default 4)"),
    RETRIES("retries", Kind.TEXT, "How often the pause between attempts doubles (default 5)", "TUNNEL_RETRIES"),
    RPC_TIMEOUT("rpc-timeout", Kind.TEXT, "How long the edge may take to answer a registration (default 5s)"),
    GRACE_PERIOD(
            "grace-period",
            Kind.TEXT,
            "How long running requests may continue when it is stopped (default 30s, at most 3m)",
            "TUNNEL_GRACE_PERIOD"),
    METRICS(
            "metrics",
            Kind.TEXT,
            "Address for /metrics and /ready (default 127.0.0.1:20241 to 20245)",
            "TUNNEL_METRICS"),
    LOGLEVEL("loglevel", Kind.TEXT, "debug, info, warn, error or fatal (default info)", "TUNNEL_LOGLEVEL"),
    TRANSPORT_LOGLEVEL(
            "transport-loglevel",
            Kind.TEXT,
            "Log level of the transport: TLS, HTTP/2 and QUIC (default error)",
            "TUNNEL_TRANSPORT_LOGLEVEL",
            "TUNNEL_PROTO_LOGLEVEL"),
    LOGFILE("logfile", Kind.TEXT, "Write the log to this file as well", "TUNNEL_LOGFILE"),
    OUTPUT("output", Kind.TEXT, "Log as text (default) or json", "TUNNEL_LOG_OUTPUT", "TUNNEL_MANAGEMENT_OUTPUT"),
    PIDFILE("pidfile", Kind.TEXT, "Write the process id here after the first connection", "TUNNEL_PIDFILE"),
    TAG("tag", Kind.LIST, "KEY=VALUE, sent to origins as Cf-Warp-Tag-KEY; may be repeated", "TUNNEL_TAG"),
    ALLOW(
            "allow",
            Kind.LIST,
            "What a remote configuration may use: bastion, socks-proxy, private-network",
            "TUNNEL_ALLOW"),
    LABEL("label", Kind.TEXT, "A name for this machine, shown instead of its own"),
    MANAGEMENT_HOSTNAME(
            "management-hostname",
            Kind.TEXT,
            "Host for which the gateway requests this connector's log (default management.argotunnel.com)",
            "TUNNEL_MANAGEMENT_HOSTNAME"),
    MANAGEMENT_DIAGNOSTICS(
            "management-diagnostics",
            Kind.SWITCH,
            "Whether the gateway may also request metrics (default true)",
            "TUNNEL_MANAGEMENT_DIAGNOSTICS"),
    POST_QUANTUM("post-quantum", Kind.SWITCH, "Not available here; refused", "TUNNEL_POST_QUANTUM"),

    CREDENTIALS_FILE(
            "credentials-file", Kind.TEXT, "The tunnel's credentials JSON (default: searched)", "TUNNEL_CRED_FILE"),
    CREDENTIALS_CONTENTS(
            "credentials-contents", Kind.TEXT, "The credentials themselves; prefer the file", "TUNNEL_CRED_CONTENTS"),
    TOKEN(
            "token",
            Kind.TEXT,
            "The tunnel's token; other processes can read it, so prefer --token-file",
            "TUNNEL_TOKEN"),
    TOKEN_FILE("token-file", Kind.TEXT, "A file with the tunnel's token", "TUNNEL_TOKEN_FILE"),
    FEATURES("features", Kind.LIST, "Feature names to report"),

    URL("url", Kind.TEXT, "The service for all hosts, such as http://localhost:8000", "TUNNEL_URL"),
    HELLO_WORLD("hello-world", Kind.SWITCH, "Serve a built-in test page", "TUNNEL_HELLO_WORLD"),
    UNIX_SOCKET("unix-socket", Kind.TEXT, "The HTTP service at a Unix socket", "TUNNEL_UNIX_SOCKET"),
    BASTION("bastion", Kind.SWITCH, "Forward TCP to the host that the client names", "TUNNEL_BASTION"),
    SOCKS5("socks5", Kind.SWITCH, "Speak SOCKS5 on the TCP service of --url", "TUNNEL_SOCKS"),
    CONNECT_TIMEOUT("proxy-connect-timeout", "connectTimeout", Kind.TEXT),
    TLS_TIMEOUT("proxy-tls-timeout", "tlsTimeout", Kind.TEXT),
    TCP_KEEPALIVE("proxy-tcp-keepalive", "tcpKeepAlive", Kind.TEXT),
    NO_HAPPY_EYEBALLS("proxy-no-happy-eyeballs", "noHappyEyeballs", Kind.SWITCH),
    KEEPALIVE_CONNECTIONS("proxy-keepalive-connections", "keepAliveConnections", Kind.TEXT),
    KEEPALIVE_TIMEOUT("proxy-keepalive-timeout", "keepAliveTimeout", Kind.TEXT),
    HTTP_HOST_HEADER("http-host-header", "httpHostHeader", Kind.TEXT, "TUNNEL_HTTP_HOST_HEADER"),
    ORIGIN_SERVER_NAME("origin-server-name", "originServerName", Kind.TEXT, "TUNNEL_ORIGIN_SERVER_NAME"),
    ORIGIN_CA_POOL("origin-ca-pool", "caPool", Kind.TEXT, "TUNNEL_ORIGIN_CA_POOL"),
    NO_TLS_VERIFY("no-tls-verify", "noTLSVerify", Kind.SWITCH, "NO_TLS_VERIFY"),
    NO_CHUNKED_ENCODING("no-chunked-encoding", "disableChunkedEncoding", Kind.SWITCH, "TUNNEL_NO_CHUNKED_ENCODING"),
    HTTP2_ORIGIN("http2-origin", "http2Origin", Kind.SWITCH, "TUNNEL_ORIGIN_ENABLE_HTTP2"),

    REGION("region", Kind.IGNORED, "", "TUNNEL_REGION"),
    MAX_EDGE_ADDR_RETRIES("max-edge-addr-retries", Kind.IGNORED, ""),
    NO_AUTOUPDATE("no-autoupdate", Kind.IGNORED_SWITCH, "", "NO_AUTOUPDATE"),
    AUTOUPDATE_FREQ("autoupdate-freq", Kind.IGNORED, ""),
    NO_PRECHECKS("no-prechecks", Kind.IGNORED_SWITCH, "", "TUNNEL_NO_PRECHECKS"),
    WRITE_STREAM_TIMEOUT("write-stream-timeout", Kind.IGNORED, "", "TUNNEL_STREAM_WRITE_TIMEOUT"),
    HEARTBEAT_INTERVAL("heartbeat-interval", Kind.IGNORED, ""),
    HEARTBEAT_COUNT("heartbeat-count", Kind.IGNORED, ""),
    COMPRESSION_QUALITY("compression-quality", Kind.IGNORED, ""),
    DIAL_EDGE_TIMEOUT("dial-edge-timeout", Kind.IGNORED, ""),
    USE_RECONNECT_TOKEN("use-reconnect-token", Kind.IGNORED_SWITCH, "");

    /** The type of a flag's value, and whether the flag is still used. */
    enum Kind {
        TEXT,
        /** May be repeated; in the environment the values are separated by commas. */
        LIST,
        SWITCH,
        /** Accepted but not used, because old command lines contain it. */
        IGNORED,
        IGNORED_SWITCH;

        boolean isSwitch() {
            return this == SWITCH || this == IGNORED_SWITCH;
        }

        boolean isIgnored() {
            return this == IGNORED || this == IGNORED_SWITCH;
        }
    }

    private final String flag;
    private final String originKey;
    private final Kind kind;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> variables;

    TunnelFlag(String flag, Kind kind, String help, String... variables) {
        this.flag = flag;
        this.originKey = "";
        this.kind = kind;
        this.help = help;
        this.variables = List.of(variables);
    }

    /** A flag that sets a key of originRequest, together with the flags for a single origin. */
    TunnelFlag(String flag, String originKey, Kind kind, String... variables) {
        this.flag = flag;
        this.originKey = originKey;
        this.kind = kind;
        this.help = "originRequest." + originKey + " of --url";
        this.variables = List.of(variables);
    }

    /** Without dashes; also the key in config.yml. */
    String flag() {
        return flag;
    }

    /** The key of originRequest it stands for; empty when none. */
    String originKey() {
        return originKey;
    }

    Kind kind() {
        return kind;
    }

    /** The help text, with the name of its environment variable. */
    String help() {
        return variables.isEmpty() ? help : help + " (" + String.join(", ", variables) + ")";
    }

    List<String> variables() {
        return variables;
    }

    /** The names on the command line. */
    String[] names() {
        return switch (this) {
            case PROTOCOL -> new String[] {"--protocol", "-p"};
            case CREDENTIALS_FILE -> new String[] {"--credentials-file", "--cred-file"};
            case POST_QUANTUM -> new String[] {"--post-quantum", "--pq"};
            case FEATURES -> new String[] {"--features", "-F"};
            default -> new String[] {"--" + flag};
        };
    }
}
