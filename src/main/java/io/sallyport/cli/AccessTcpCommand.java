package io.sallyport.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code access tcp}: carries TCP to a service behind the gate, by standard input and output as a ProxyCommand of SSH, or from a
 * local port for everything else.
 */
@Command(
        name = "tcp",
        aliases = {"ssh", "rdp", "smb"},
        description = "Carry TCP to a service behind the gate, from a local port or standard input.",
        mixinStandardHelpOptions = true)
final class AccessTcpCommand implements Runnable {
    @Option(
            names = {"--hostname", "--tunnel-host", "-T"},
            required = true,
            paramLabel = "HOST",
            description = "The application's host, with a port if it is not 443 (TUNNEL_SERVICE_HOSTNAME).")
    private String hostname = "";

    @Option(
            names = {"--url", "--listener", "-L"},
            paramLabel = "ADDRESS",
            description = "Listen here, such as 127.0.0.1:5433, instead of using standard input and output.")
    private @Nullable String listener;

    @Option(
            names = {"--destination"},
            paramLabel = "HOST:PORT",
            description = "Where a jump host shall connect to.")
    private @Nullable String destination;

    @Option(
            names = {"--service-token-id", "--id"},
            paramLabel = "ID",
            description = "A service token instead of a sign-in (TUNNEL_SERVICE_TOKEN_ID).")
    private @Nullable String tokenId;

    @Option(
            names = {"--service-token-secret", "--secret"},
            paramLabel = "SECRET",
            description = "Its secret; better in TUNNEL_SERVICE_TOKEN_SECRET, where no process list shows it.")
    private @Nullable String tokenSecret;

    @Option(
            names = {"--header", "-H"},
            paramLabel = "NAME:VALUE",
            description = "A header of the request, repeatable.")
    private List<String> headers = new ArrayList<>();

    private final Terminal terminal;

    AccessTcpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        URI application = AccessApplication.address(hostname);
        TcpDialer dialer = new TcpDialer(terminal, application, given());
        if (listener == null) {
            dialer.carry(terminal.in(), terminal.out(), () -> {});
            return;
        }
        try (ServerSocket socket = listen(listener)) {
            terminal.err()
                    .println("Listening on " + socket.getInetAddress().getHostAddress() + ":" + socket.getLocalPort());
            while (!Thread.currentThread().isInterrupted()) {
                Socket accepted = socket.accept();
                Thread.ofVirtual().name("access-tcp").start(() -> carry(dialer, accepted));
            }
        } catch (IOException e) {
            throw new CommandFailure("cannot listen on " + listener + ": " + e.getMessage(), e);
        }
    }

    private void carry(TcpDialer dialer, Socket accepted) {
        try (accepted) {
            dialer.carry(accepted.getInputStream(), accepted.getOutputStream(), accepted::shutdownOutput);
        } catch (IOException | CommandFailure failure) {
            terminal.err().println("sallyport: " + failure.getMessage());
        }
    }

    private Map<String, String> given() {
        Map<String, String> all = new LinkedHashMap<>();
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new CommandFailure("a header is NAME:VALUE, not '" + header + "'");
            }
            all.put(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip());
        }
        Optional<String> id = Optional.ofNullable(tokenId).or(() -> terminal.variable("TUNNEL_SERVICE_TOKEN_ID"));
        Optional<String> secret =
                Optional.ofNullable(tokenSecret).or(() -> terminal.variable("TUNNEL_SERVICE_TOKEN_SECRET"));
        if (id.isPresent() != secret.isPresent()) {
            throw new CommandFailure("a service token is an id and a secret; one of them is missing");
        }
        id.ifPresent(value -> all.put("Cf-Access-Client-Id", value));
        secret.ifPresent(value -> all.put("Cf-Access-Client-Secret", value));
        if (destination != null) {
            all.put("Cf-Access-Jump-Destination", destination);
        }
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
            throw new CommandFailure("'" + address + "' is no address and port to listen on", e);
        }
    }
}
