package io.sallyport.tunnel;

import io.sallyport.tunnel.wire.EdgeGuide;
import java.time.Instant;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** What connectors must be told to find the edge and to know it, beside what their machines trust anyway. */
public final class ConnectorTrust {
    private final TunnelSettings.Tunnel settings;
    private final Supplier<TunnelAuthority> own;
    private final IntSupplier port;

    private ConnectorTrust(TunnelSettings.Tunnel settings, Supplier<TunnelAuthority> own, IntSupplier port) {
        this.settings = settings;
        this.own = own;
        this.port = port;
    }

    /**
     * The authority that signs the tunnel listeners' certificates.
     *
     * @param certificate PEM
     * @param end when it ceases to be good
     */
    public record Authority(String certificate, Instant end) {}

    /**
     * @param own asked only when no certificate is configured
     * @param port where the listeners are; asked only after the start
     */
    static ConnectorTrust of(TunnelSettings settings, Supplier<TunnelAuthority> own, IntSupplier port) {
        return new ConnectorTrust(settings.tunnel(), own, port);
    }

    /** Our own; empty when the listeners have a certificate of the operator's, who knows its issuer. May block. */
    public Optional<Authority> authority() {
        return settings.certificate() == null ? Optional.of(own.get().shown()) : Optional.empty();
    }

    /**
     * For whoever is about to run a tunnel; {@link EdgeGuide#NONE} when this gateway serves none. May block.
     *
     * @param host the gateway's, for where no address is configured
     */
    public EdgeGuide guide(String host) {
        if (!settings.enabled()) {
            return EdgeGuide.NONE;
        }
        String address = settings.address();
        return new EdgeGuide(
                address == null ? host + ":" + port.getAsInt() : address,
                authority().map(Authority::certificate).orElse(""));
    }
}
