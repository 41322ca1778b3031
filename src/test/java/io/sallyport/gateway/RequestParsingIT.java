package io.sallyport.gateway;

import io.sallyport.testkit.RawHttp;
import org.junit.jupiter.api.BeforeAll;

/** On the plain listener. */
class RequestParsingIT extends RequestParsing {
    @BeforeAll
    static void start() {
        Edge edge = Edge.start();
        open(edge, () -> RawHttp.connect(edge.port()));
    }
}
