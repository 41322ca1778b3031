package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.RawHttp;
import org.junit.jupiter.api.Test;

/** Before there is a picture of the world, nobody gets in. */
class NoSnapshotIT {
    @Test
    void fc02_fc03_withoutASnapshotEveryHostAnswers503() {
        try (Edge edge = Edge.start()) {
            RawHttp.Response answer = RawHttp.exchange(edge.port(), "GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.first("retry-after")).isNotNull();
        }
    }
}
