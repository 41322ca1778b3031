package io.sallyport.cli;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which application a command is about: an address, bare or behind cloudflared's flag. */
final class GivenApplication {
    @Parameters(arity = "0..1", paramLabel = "URL", description = "The application's address.")
    private @Nullable String url;

    @Option(
            names = {"--app", "-app"},
            paramLabel = "URL",
            description = "The same.")
    private @Nullable String app;

    /**
     * As it was given.
     *
     * @throws CommandFailure when none was
     */
    String address() {
        return Optional.ofNullable(url)
                .or(() -> Optional.ofNullable(app))
                .orElseThrow(() ->
                        CommandFailure.misuse("which application? Give its address, such as https://wiki.example.com"));
    }

    /** For where there is nothing to sign in to. */
    String asksNobody() {
        return AccessApplication.address(address()).getHost() + " asks nobody here for a sign-in, so there is no token";
    }

    /** Asks the address which application it is; empty when it asks nobody for a sign-in. */
    Optional<AccessApplication> find(EdgeHttp http, Instant now) {
        return AccessApplication.find(http, AccessApplication.address(address()), now);
    }
}
