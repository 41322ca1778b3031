package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The example of RFC 6455 §1.3. */
class WebSocketKeyTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    @Test
    void aKeyIsAnsweredByItsHash() {
        assertThat(WebSocketKey.accept(KEY)).isEqualTo(ACCEPT);
    }

    @Test
    void whiteSpaceAroundTheKeyDoesNotCount() {
        assertThat(WebSocketKey.accept(" " + KEY + "\t")).isEqualTo(ACCEPT);
    }
}
