package io.sallyport.gateway;

import org.junit.jupiter.api.BeforeAll;

/** On the plain listener. */
class RequestParsingIT extends RequestParsing {
    @BeforeAll
    static void start() {
        open(Door.plain());
    }
}
