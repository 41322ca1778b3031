package io.sallyport.gateway;

import org.junit.jupiter.api.BeforeAll;

/** On the plain listener. */
class WebSocketIT extends WebSockets {
    @BeforeAll
    static void start() {
        open(Door.plain());
    }
}
