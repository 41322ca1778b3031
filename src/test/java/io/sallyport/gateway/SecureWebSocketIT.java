package io.sallyport.gateway;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Behind TLS, where the guards come in with the handshake. */
class SecureWebSocketIT extends WebSockets {
    @BeforeAll
    static void start(@TempDir Path files) {
        open(Door.secure(files));
    }
}
