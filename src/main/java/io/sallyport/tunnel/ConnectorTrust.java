package io.sallyport.tunnel;

import io.sallyport.tunnel.wire.EdgeGuide;
import java.time.Instant;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What connectors need to find and authenticate the edge: its address, and the authority of its certificate when their
 * machines do not trust that anyway.
 */
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
     * @param end when it expires
     */
    public record Authority(String certificate, Instant end) {}

    /**
     * @param own asked only when no certificate is configured
     * @param port where the listeners are; asked only after the start
     */
    static ConnectorTrust of(TunnelSettings settings, Supplier<TunnelAuthority> own, IntSupplier port) {
        return new ConnectorTrust(settings.tunnel(), own, port);
    }

    /** Our own authority; empty when the operator configured a certificate for the listeners. May block. */
    public Optional<Authority> authority() {
        return settings.certificate() == null ? Optional.of(own.get().shown()) : Optional.empty();
    }

    /**
     * The guide for somebody who will run a tunnel; {@link EdgeGuide#NONE} when this gateway serves no tunnels. May
     * block.
     *
     * @param host the gateway's host, used when no address is configured
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
