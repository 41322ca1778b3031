package io.sallyport.cli;

import io.sallyport.token.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code tunnel login}: an admin approves in the browser, and this command fetches the cert.pem with a key that only it
 * knows.
 */
@Command(
        name = "login",
        description = "Get the certificate that the other commands use, after an admin's approval in the browser.",
        mixinStandardHelpOptions = true)
final class TunnelLoginCommand implements Callable<Integer> {
    private static final int KEY_BYTES = 32;
    private static final int TRIES = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String API = "/client/v4";

    private final Terminal terminal;
    private final TunnelApiOptions options;

    @Option(
            names = "--loginURL",
            paramLabel = "URL",
            description = "The page on which admins approve (default: /argotunnel where the API is)")
    private @Nullable URI loginUrl;

    @Option(
            names = "--callbackURL",
            paramLabel = "URL",
            hidden = true,
            description = "The address from which to fetch the certificate")
    private @Nullable String callbackUrl;

    TunnelLoginCommand(Terminal terminal, TunnelApiOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        Path file = TunnelApiOptions.home(terminal).resolve(OriginCert.NAME);
        if (Files.isRegularFile(file) && Files.size(file) > 0) {
            throw new CommandFailure(
                    "the certificate " + file + " already exists and is not overwritten; move or delete it first");
        }
        String page = page();
        String key = key();
        String waitsAt = (callbackUrl == null ? page : withoutSlash(callbackUrl)) + "/" + key;
        URI approval = URI.create(
                (loginUrl == null ? page : loginUrl.toString()) + "?aud=&callback=" + ApiClient.encoded(waitsAt));
        terminal.err()
                .println("Open this address as an admin, and approve if the page shows the code " + code(key) + ":");
        terminal.err().println();
        terminal.err().println(approval);
        terminal.err().println();
        open(approval);
        String pem = await(URI.create(waitsAt));
        // Parsed before it is stored, because the answer may be another server's page.
        OriginCert.parse(file, pem);
        PrivateFile.create(file, pem);
        terminal.out().println("You have successfully logged in. The certificate is at " + file + ".");
        return 0;
    }

    private String page() {
        String base = options.base(terminal).toString();
        return (base.endsWith(API) ? base.substring(0, base.length() - API.length()) : base) + "/argotunnel";
    }

    private static String withoutSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private static String key() {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }

    /** The same short form of the key that the page shows. */
    private static String code(String key) {
        String hex = HexFormat.of().formatHex(Sha256.of(key), 0, 4);
        return hex.substring(0, 4) + "-" + hex.substring(4);
    }

    /** Opens a browser if there is one; otherwise the printed address must suffice. */
    private void open(URI address) {
        if (terminal.variable("DISPLAY")
                .or(() -> terminal.variable("WAYLAND_DISPLAY"))
                .isEmpty()) {
            return;
        }
        try {
            new ProcessBuilder("xdg-open", address.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            terminal.err().println("No browser could be opened; open the address yourself.");
        }
    }

    private String await(URI waitsAt) {
        HttpClient http = Trust.client(terminal)
                .connectTimeout(Duration.ofSeconds(15))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        HttpRequest request = HttpRequest.newBuilder(waitsAt).timeout(PATIENCE).build();
        try {
            for (int i = 0; i < TRIES; i++) {
                HttpResponse<String> answer =
                        http.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), 1 << 16));
                if (answer.statusCode() == 200 && !answer.body().isEmpty()) {
                    return answer.body();
                }
                if (answer.statusCode() >= 500 || answer.statusCode() == 429) {
                    throw new CommandFailure("the gateway answered " + answer.statusCode() + "; try again later");
                }
                terminal.err().println("Waiting for login...");
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    Trouble.with(waitsAt, e)
                            + "; is that the gateway's address? Set another with --api-url or SALLYPORT_API_URL",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
        throw new CommandFailure("nobody approved; run the command again, or download a certificate from " + page());
    }
}
