package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EdgeIT {
    private static Edge edge;
    private static RecordingOrigin origin;

    @BeforeAll
    static void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start()
                .origin("wiki.localhost", origin)
                .application("wiki.localhost", Edge.bypass())
                .publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    @Test
    void aRequestThatPolicyBypassesReachesTheOrigin() {
        RawHttp.Response response =
                RawHttp.exchange(edge.port(), "GET /hello?a=b|c HTTP/1.1\r\nHost: wiki.localhost\r\n\r\n");
        assertThat(response.status()).isEqualTo(200);
        assertThat(origin.take().target()).isEqualTo("/hello?a=b%7Cc");
        assertThat(origin.violations()).isEmpty();
    }
}
