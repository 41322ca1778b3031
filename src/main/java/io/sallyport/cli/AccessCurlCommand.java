package io.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code access curl URL args…}: runs curl as the signed-in person. The token is passed in a file, so that no process list shows it. */
@Command(
        name = "curl",
        description = "Call curl with the token of a signed-in person.",
        footerHeading = "%nExamples:%n",
        footer = {"  sallyport access curl https://wiki.example.com/api/pages -sS"},
        mixinStandardHelpOptions = true)
final class AccessCurlCommand implements Callable<Integer> {
    @Option(
            names = {"--allow-request", "-ar"},
            description = "Continue without a token if there is no application or nobody signs in.")
    private boolean withoutToken;

    @Parameters(arity = "1..*", paramLabel = "ARG", description = "The address, and any options of curl.")
    private List<String> arguments = List.of();

    private final Terminal terminal;

    private AccessCurlCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Everything after the address is passed to curl, even if it looks like an option of ours. */
    static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new AccessCurlCommand(terminal))
                .setStopAtPositional(true)
                .setUnmatchedOptionsArePositionalParams(true);
    }

    @Override
    public Integer call() {
        String url = arguments.stream()
                .filter(argument -> argument.startsWith("http://") || argument.startsWith("https://"))
                .findFirst()
                .orElse(arguments.getFirst());
        Optional<String> token = token(url);
        try {
            return token.isPresent() ? withHeader(token.get()) : curl(List.of());
        } catch (IOException e) {
            throw new CommandFailure("curl cannot be run: " + e.getMessage(), e);
        }
    }

    private Optional<String> token(String url) {
        EdgeHttp http = new EdgeHttp(terminal);
        try {
            AccessTokens tokens = new AccessTokens(terminal, http);
            return AccessApplication.find(
                            http,
                            AccessApplication.address(url),
                            terminal.clock().instant())
                    .map(tokens::obtain);
        } catch (CommandFailure failure) {
            if (withoutToken) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private int withHeader(String token) throws IOException {
        Path header = Files.createTempFile(
                "access",
                ".header",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(header, "Cf-Access-Token: " + token + "\n", StandardCharsets.US_ASCII);
            return curl(List.of("-H", "@" + header));
        } finally {
            Files.deleteIfExists(header);
        }
    }

    private int curl(List<String> more) throws IOException {
        List<String> line = new ArrayList<>(List.of("curl"));
        line.addAll(arguments);
        line.addAll(more);
        Process curl = new ProcessBuilder(line)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread errors = Thread.ofVirtual().start(() -> copy(curl.getErrorStream(), terminal.err()));
        copy(curl.getInputStream(), terminal.out());
        try {
            errors.join();
            return curl.waitFor();
        } catch (InterruptedException e) {
            curl.destroy();
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    private static void copy(InputStream from, PrintStream to) {
        try (from) {
            byte[] piece = new byte[16 * 1024];
            for (int read = from.read(piece); read >= 0; read = from.read(piece)) {
                to.write(piece, 0, read);
                to.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
