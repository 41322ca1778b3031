package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PublishedKeysTest {
    private static final URI KEYS = URI.create("https://idp.example.com/keys");
    private static final String GOOD = "{\"keys\":[]}";

    private final Instant now = Instant.parse("2026-11-27T12:00:00Z");
    private String answer = GOOD;
    private final PublishedKeys keys = new PublishedKeys(_ -> answer);

    /** It would lock everybody out for the ten minutes for which a set counts. */
    @Test
    void whatIsNoKeySetIsNotKept() throws IOException {
        answer = "<html>Down for maintenance</html>";
        assertThatIOException().isThrownBy(() -> keys.current(KEYS, now)).withMessageContaining("no JWK set");
        answer = GOOD;
        assertThat(keys.current(KEYS, now.plus(Duration.ofSeconds(31)))).isEqualTo(GOOD);
    }

    @Test
    void theOldSetOutlivesAGarbledOne() throws IOException {
        assertThat(keys.current(KEYS, now)).isEqualTo(GOOD);
        answer = "{}";
        Instant later = now.plus(Duration.ofMinutes(11));
        assertThat(keys.current(KEYS, later)).isEqualTo(GOOD);
        assertThat(keys.newer(KEYS, later)).isEmpty();
        assertThat(keys.current(KEYS, later.plusSeconds(1))).isEqualTo(GOOD);
    }
}
