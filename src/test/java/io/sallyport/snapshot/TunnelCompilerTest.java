package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.token.KeyWrapper;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A tunnel's secret is kept open exactly as long as there is the tunnel, with that secret. */
class TunnelCompilerTest {
    private static final UUID TUNNEL = UUID.fromString("00000000-0000-4000-8000-000000000001");

    private final Counting keys = new Counting();
    private final TunnelCompiler tunnels = new TunnelCompiler(keys);

    private static Rows.Tunnel row(int secret) {
        return new Rows.Tunnel(TUNNEL, "demo", new byte[] {(byte) secret}, false, 0, null);
    }

    @Test
    void whatReadsTheSameIsOpenedOnce() throws GeneralSecurityException {
        tunnels.compile(row(1));
        tunnels.retain(Set.of(TUNNEL));
        tunnels.compile(row(1));

        assertThat(keys.opened).isOne();
    }

    @Test
    void anotherSecretIsOpened() throws GeneralSecurityException {
        tunnels.compile(row(1));
        tunnels.compile(row(2));

        assertThat(keys.opened).isEqualTo(2);
    }

    @Test
    void se01_theSecretOfADeletedTunnelIsForgotten() {
        SnapshotCompiler compiler = new SnapshotCompiler(new ProviderCompiler(keys), tunnels);
        compiler.compile(rows(List.of(row(1))), "https://auth.example.com");
        compiler.compile(rows(List.of()), "https://auth.example.com");
        compiler.compile(rows(List.of(row(1))), "https://auth.example.com");

        assertThat(keys.opened).isEqualTo(2);
    }

    private static Rows rows(List<Rows.Tunnel> tunnels) {
        return new Rows(
                1,
                "a".repeat(32),
                new Rows.Organization("Acme", "auth.example.com", "{}"),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                tunnels,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                "[]",
                List.of(),
                List.of(),
                new Revocations(0, Map.of(), Map.of(), Map.of(), Map.of(), Set.of()));
    }

    private static final class Counting implements KeyWrapper {
        private int opened;

        @Override
        public byte[] wrap(String record, byte[] secret) {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] unwrap(String record, byte[] wrapped) {
            opened++;
            return wrapped.clone();
        }
    }
}
