package io.sallyport.snapshot;

import io.sallyport.catalog.TunnelRow;
import io.sallyport.identity.TunnelId;
import io.sallyport.token.KeyWrapper;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Opens the secrets of tunnels. What was opened is kept by its exact row, so a rebuild decrypts only what changed. Thread-safe. */
final class TunnelCompiler {
    private final KeyWrapper wrapper;
    private final Map<UUID, Opened> opened = new ConcurrentHashMap<>();

    TunnelCompiler(KeyWrapper wrapper) {
        this.wrapper = wrapper;
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by the wrapped bytes
    private record Opened(byte[] wrapped, TunnelSecret secret) {}

    /** @throws GeneralSecurityException when the secret does not open; nobody may register then */
    TunnelGrant compile(Rows.Tunnel row) throws GeneralSecurityException {
        return new TunnelGrant(
                new TunnelId(row.id()),
                row.name(),
                secret(row),
                row.remotelyManaged(),
                row.configVersion(),
                row.config());
    }

    private TunnelSecret secret(Rows.Tunnel row) throws GeneralSecurityException {
        Opened known = opened.get(row.id());
        if (known != null && Arrays.equals(known.wrapped(), row.secret())) {
            return known.secret();
        }
        TunnelSecret secret = new TunnelSecret(wrapper.unwrap(TunnelRow.secretRecord(row.id()), row.secret()));
        opened.put(row.id(), new Opened(row.secret(), secret));
        return secret;
    }

    /** Forgets tunnels that are gone. */
    void retain(Set<UUID> tunnels) {
        opened.keySet().retainAll(tunnels);
    }
}
