package io.sallyport.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The API's address and token. The token is never an argument, because every process of the machine could read it: it is in
 * {@code SALLYPORT_API_TOKEN}, in the file named by {@code SALLYPORT_API_TOKEN_FILE}, or, for a gateway on this machine, in the file
 * that the gateway wrote at its first start.
 */
final class ApiOptions {
    static final String LOCAL = "http://127.0.0.1:8080/client/v4";

    @Option(
            names = "--api-url",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "The gateway's API (SALLYPORT_API_URL, TUNNEL_API_URL; default " + LOCAL + ")")
    private @Nullable String apiUrl;

    /** A client for the gateway that the options or the environment name. */
    ApiClient client(Terminal terminal) {
        return client(terminal, "no API token: ");
    }

    /** The same; {@code missing} begins the refusal when there is no token. */
    ApiClient client(Terminal terminal, String missing) {
        URI base = base(terminal, LOCAL);
        ApiToken token = given(terminal)
                .or(() -> isThisMachine(base) ? ofLocalGateway(terminal) : Optional.empty())
                .orElseThrow(() -> new CommandFailure(
                        missing + "set SALLYPORT_API_TOKEN, or SALLYPORT_API_TOKEN_FILE to the name of a file;"
                                + " an owner can create one in the console under API tokens"));
        return client(terminal, base, token);
    }

    /** A client with the token of a cert.pem, at the address in it unless another is given. */
    ApiClient client(Terminal terminal, OriginCert cert) {
        return client(terminal, base(terminal, cert.apiUrl().orElse(LOCAL)), ApiToken.of(cert));
    }

    private static ApiClient client(Terminal terminal, URI base, ApiToken token) {
        if (!base.getScheme().equals("https") && !isThisMachine(base)) {
            terminal.err().println("Warning: the API token is sent unencrypted to " + base.getHost() + "; use https.");
        }
        return new ApiClient(Trust.client(terminal), base, token);
    }

    /** Whether an option or the environment gives the API's address. */
    boolean isNamed(Terminal terminal) {
        return named(terminal).isPresent();
    }

    private Optional<String> named(Terminal terminal) {
        return Optional.ofNullable(apiUrl)
                .or(() -> terminal.variable("SALLYPORT_API_URL"))
                .or(() -> terminal.variable("TUNNEL_API_URL"));
    }

    /** The API's address: from the option, else from the environment, else the given default. */
    URI base(Terminal terminal, String otherwise) {
        String text = named(terminal).orElse(otherwise);
        try {
            URI base = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (base.getHost() != null && ("http".equals(base.getScheme()) || "https".equals(base.getScheme()))) {
                // An address without a path means the API of that gateway.
                return base.getRawPath().isEmpty() ? URI.create(base + "/client/v4") : base;
            }
        } catch (IllegalArgumentException notAUrl) {
            // reported below, with the same message
        }
        throw CommandFailure.misuse("the API URL '" + text + "' is not an http or https URL, such as " + LOCAL);
    }

    private static Optional<ApiToken> given(Terminal terminal) {
        return variable(terminal, "SALLYPORT_API_TOKEN")
                .or(() -> terminal.variable("SALLYPORT_API_TOKEN_FILE")
                        .map(file -> read(Path.of(file))
                                .orElseThrow(() ->
                                        new CommandFailure("SALLYPORT_API_TOKEN_FILE: there is no file " + file))));
    }

    private static Optional<ApiToken> ofLocalGateway(Terminal terminal) {
        return variable(terminal, "SALLYPORT_ADMIN_TOKEN")
                .or(() -> read(Path.of(terminal.variable("SALLYPORT_DATA_DIR").orElse("data"), "admin-token")));
    }

    private static Optional<ApiToken> variable(Terminal terminal, String name) {
        return terminal.variable(name).map(secret -> ApiToken.from("the variable " + name, secret));
    }

    private static Optional<ApiToken> read(Path file) {
        try {
            String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
            return Optional.of(ApiToken.from("the file " + file.toAbsolutePath(), secret));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + Trouble.with(e), e);
        }
    }

    private static boolean isThisMachine(URI base) {
        String host = base.getHost();
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.matches("127(\\.\\d{1,3}){3}")
                || host.equals("[::1]");
    }
}
