package io.sallyport.tunnel;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tests that share one world. Each leaves it without connectors. */
abstract class OneWorld {
    static TunnelWorld world;

    @BeforeAll
    static void begin(@TempDir Path files) {
        world = new TunnelWorld(files);
    }

    @AfterEach
    void leave() {
        world.disconnect();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> world.directory.all().findAny().isEmpty());
    }

    @AfterAll
    static void end() {
        world.close();
    }
}
