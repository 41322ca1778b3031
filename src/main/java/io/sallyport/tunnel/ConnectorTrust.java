package io.sallyport.tunnel;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** What connectors must trust to know the edge, beside what their machines trust anyway. */
public final class ConnectorTrust {
    private final Supplier<Optional<Authority>> authority;

    private ConnectorTrust(Supplier<Optional<Authority>> authority) {
        this.authority = authority;
    }

    /**
     * The authority that signs the tunnel listeners' certificates.
     *
     * @param certificate PEM
     * @param end when it ceases to be good
     */
    public record Authority(String certificate, Instant end) {}

    /** @param own asked only when no certificate is configured */
    static ConnectorTrust of(TunnelSettings settings, Supplier<TunnelAuthority> own) {
        return settings.tunnel().certificate() == null
                ? new ConnectorTrust(() -> Optional.of(own.get().shown()))
                : new ConnectorTrust(Optional::empty);
    }

    /** Our own; empty when the listeners have a certificate of the operator's, who knows its issuer. May block. */
    public Optional<Authority> authority() {
        return authority.get();
    }
}
