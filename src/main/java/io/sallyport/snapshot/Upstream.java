package io.sallyport.snapshot;

import io.sallyport.identity.TunnelId;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where an admitted request goes. */
public sealed interface Upstream {
    /**
     * An origin the gateway reaches itself ({@code sallyport/origins}).
     *
     * @param service its scheme, host and port
     * @param hostHeader replaces the Host towards the origin; null keeps the visitor's
     * @param http2 speaks HTTP/2 with the origin, as gRPC needs: by ALPN over TLS, by prior knowledge in the clear
     */
    record Direct(
            URI service,
            @Nullable String hostHeader,
            Duration connectTimeout,
            boolean noTlsVerify,
            @Nullable String originServerName,
            @Nullable String caPool,
            boolean http2)
            implements Upstream {}

    /**
     * An origin behind a tunnel; which one, its connectors know.
     *
     * @param hostname the name that leads there, as it was configured: with its wildcard, when it has one
     */
    record ViaTunnel(TunnelId tunnel, String hostname) implements Upstream {}
}
