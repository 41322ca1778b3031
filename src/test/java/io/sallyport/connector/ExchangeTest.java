package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class ExchangeTest {
    @Test
    void whyAnOriginWasNotReachedIsSaidWithoutTheSystemCall() {
        assertThat(Exchange.reason(new ConnectException(
                        "finishConnect(..) failed with error(-111): Connection refused: localhost/127.0.0.1:3000")))
                .isEqualTo("Connection refused: localhost/127.0.0.1:3000");
        assertThat(Exchange.reason(new IllegalStateException())).isEqualTo("IllegalStateException");
    }
}
