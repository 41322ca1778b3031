package io.sallyport.cli;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The application of a command: an address as an argument, or in cloudflared's flag. */
final class GivenApplication {
    @Parameters(arity = "0..1", paramLabel = "URL", description = "The application's address.")
    private @Nullable String url;

    @Option(
            names = {"--app", "-app"},
            paramLabel = "URL",
            description = "The same.")
    private @Nullable String app;

    /**
     * The address as it was given.
     *
     * @throws CommandFailure when no address was given
     */
    String address() {
        return Optional.ofNullable(url)
                .or(() -> Optional.ofNullable(app))
                .orElseThrow(() ->
                        CommandFailure.misuse("which application? Give its address, such as https://wiki.example.com"));
    }

    /** The message for an application that requires no sign-in. */
    String asksNobody() {
        return AccessApplication.address(address()).getHost() + " requires no sign-in from here, so there is no token";
    }

    /** Asks the address which application it is; empty when it requires no sign-in from here. */
    Optional<AccessApplication> find(EdgeHttp http, Instant now) {
        return AccessApplication.find(http, AccessApplication.address(address()), now);
    }
}
