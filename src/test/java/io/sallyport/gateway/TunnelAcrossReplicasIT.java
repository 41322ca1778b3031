package io.sallyport.gateway;

import io.sallyport.testkit.ReplicaPair;
import io.sallyport.tunnel.TunnelDirectory;
import io.sallyport.tunnel.TunnelPaths;
import io.sallyport.tunnel.TunnelServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The same when the visitor came to a replica that holds no connection of the tunnel. */
class TunnelAcrossReplicasIT extends TunnelBehaviour {
    private static ReplicaPair pair;

    @BeforeAll
    static void start(@TempDir Path files) {
        pair = ReplicaPair.start(files);
        ReplicaPair.Tunnel tunnel = pair.tunnel(HOST);
        scene = new Scene(
                pair.near().port(),
                pair.far().context().getBean(TunnelServer.class).port(),
                pair.far().context().getBean(TunnelDirectory.class),
                pair.near().context().getBean(TunnelPaths.class),
                pair.near().admin().account(),
                tunnel.id(),
                tunnel.secret());
    }

    @AfterAll
    static void stop() {
        pair.close();
    }
}
