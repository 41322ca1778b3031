package io.sallyport.session;

import io.sallyport.token.Sealer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One-time links that give an app pass to a device that can only open a URL. A link holds the pass, sealed, for ten
 * minutes.
 */
public final class PassLinks {
    /** Path on application hosts. */
    public static final String PATH = "/cdn-cgi/access/app-pass";

    private static final Duration LIFE = Duration.ofMinutes(10);
    private static final String PURPOSE = "session/pass-link";

    private final Sealer sealer;

    PassLinks(Sealer sealer) {
        this.sealer = sealer;
    }

    /** The content of a link. */
    public record Link(String secret, long ends) {
        @Override
        public String toString() {
            return "Link[…]";
        }
    }

    /** Seals a pass for a link. */
    public String seal(String secret, Instant now) {
        String plain = now.plus(LIFE).getEpochSecond() + " " + secret;
        return sealer.seal(PURPOSE, plain.getBytes(StandardCharsets.UTF_8));
    }

    /** The content of a link, unless it has expired. The caller makes sure that a link works once. */
    public Optional<Link> open(String code, Instant now) {
        return sealer.open(PURPOSE, code)
                .map(plain -> new String(plain, StandardCharsets.UTF_8).split(" ", 2))
                .map(parts -> new Link(parts[1], Long.parseLong(parts[0])))
                .filter(link -> now.getEpochSecond() < link.ends());
    }
}
