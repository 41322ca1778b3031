package io.sallyport.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code access tcp}: carries TCP to a service behind the gateway: over standard input and output, as a ProxyCommand of SSH needs it,
 * or from a local port.
 */
@Command(
        name = "tcp",
        aliases = {"ssh", "rdp", "smb"},
        description = "Carry TCP to a service behind the gateway, from a local port or standard input.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport access tcp --hostname db.example.com --url 127.0.0.1:5433",
            "  ssh -o ProxyCommand='sallyport access ssh --hostname %%h' ssh.example.com"
        },
        mixinStandardHelpOptions = true)
final class AccessTcpCommand implements Runnable {
    private static final Duration SILENCE = Duration.ofSeconds(5);

    @Option(
            names = {"--hostname", "--tunnel-host", "-T"},
            paramLabel = "HOST",
            description = "The application's host, with a port if it is not 443 (TUNNEL_SERVICE_HOSTNAME).")
    private @Nullable String hostname;

    @Option(
            names = {"--url", "--listener", "-L"},
            paramLabel = "ADDRESS",
            description =
                    "Listen here, such as 127.0.0.1:5433, instead of using standard input and output (TUNNEL_SERVICE_URL).")
    private @Nullable String listener;

    @Option(
            names = {"--destination"},
            paramLabel = "HOST:PORT",
            description = "The address to which a jump host connects (TUNNEL_SERVICE_DESTINATION).")
    private @Nullable String destination;

    @Option(
            names = {"--service-token-id", "--id"},
            paramLabel = "ID",
            description = "The id of a service token, to be used instead of a sign-in (TUNNEL_SERVICE_TOKEN_ID).")
    private @Nullable String tokenId;

    @Option(
            names = {"--service-token-secret", "--secret"},
            paramLabel = "SECRET",
            description = "Its secret. Prefer TUNNEL_SERVICE_TOKEN_SECRET, because process lists show arguments.")
    private @Nullable String tokenSecret;

    @Option(
            names = {"--header", "-H"},
            paramLabel = "NAME:VALUE",
            description = "A header of the request, NAME:VALUE; may be repeated.")
    private List<String> headers = new ArrayList<>();

    private final Terminal terminal;

    AccessTcpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        URI application = AccessApplication.address(given(hostname, "TUNNEL_SERVICE_HOSTNAME")
                .orElseThrow(() -> CommandFailure.misuse("which application? Give its host by --hostname")));
        TcpDialer dialer = new TcpDialer(terminal, application, headers(), SILENCE);
        Optional<String> local = given(listener, "TUNNEL_SERVICE_URL");
        if (local.isPresent()) {
            serve(local.get(), dialer);
        } else {
            dialer.carry(terminal.in(), terminal.out(), () -> {});
        }
    }

    private void serve(String address, TcpDialer dialer) {
        try (ServerSocket socket = listen(address)) {
            terminal.err()
                    .println("Listening on " + socket.getInetAddress().getHostAddress() + ":" + socket.getLocalPort());
            while (!Thread.currentThread().isInterrupted()) {
                Socket accepted = socket.accept();
                Thread.ofVirtual().name("access-tcp").start(() -> carry(dialer, accepted));
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot listen on " + address + ": " + Trouble.listening(e), e);
        }
    }

    private void carry(TcpDialer dialer, Socket accepted) {
        try (accepted) {
            dialer.carry(accepted.getInputStream(), accepted.getOutputStream(), accepted::shutdownOutput);
        } catch (IOException | CommandFailure failure) {
            terminal.err().println("sallyport: " + failure.getMessage());
        }
    }

    private Optional<String> given(@Nullable String option, String variable) {
        return Optional.ofNullable(option).or(() -> terminal.variable(variable));
    }

    private Map<String, String> headers() {
        Map<String, String> all = new LinkedHashMap<>();
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw CommandFailure.misuse("a header is NAME:VALUE, not '" + header + "'");
            }
            all.put(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip());
        }
        Optional<String> id = given(tokenId, "TUNNEL_SERVICE_TOKEN_ID");
        Optional<String> secret = given(tokenSecret, "TUNNEL_SERVICE_TOKEN_SECRET");
        if (id.isPresent() != secret.isPresent()) {
            throw CommandFailure.misuse("a service token is an id and a secret; one of them is missing");
        }
        id.ifPresent(value -> all.put("Cf-Access-Client-Id", value));
        secret.ifPresent(value -> all.put("Cf-Access-Client-Secret", value));
        given(destination, "TUNNEL_SERVICE_DESTINATION").ifPresent(to -> all.put("Cf-Access-Jump-Destination", to));
        return all;
    }

    private static ServerSocket listen(String address) throws IOException {
        String plain = address.replaceFirst("^(tcp|http)://", "");
        int colon = plain.lastIndexOf(':');
        try {
            int port = Integer.parseInt(plain.substring(colon + 1));
            String host = colon < 1 ? "127.0.0.1" : plain.substring(0, colon);
            ServerSocket socket = new ServerSocket();
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket;
        } catch (NumberFormatException e) {
            throw CommandFailure.misuse("'" + address + "' is not an address and port to listen on");
        }
    }
}
