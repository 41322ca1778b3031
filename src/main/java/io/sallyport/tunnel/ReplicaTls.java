package io.sallyport.tunnel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * Mutual authentication of replicas: TLS 1.3 with certificates at both ends, from an authority that signs for replicas
 * only. The dialling replica also checks that the certificate names the replica it wants, in case its address was
 * reassigned. Keys are kept in memory and replaced long before their certificates expire. They are made by whoever creates or
 * {@linkplain #renew renews} this, never by an event loop at a connection.
 */
final class ReplicaTls {
    private static final long HANDSHAKE_SECONDS = 3;
    private static final Duration LIFE = Duration.ofDays(30);
    private static final Duration RENEWAL = Duration.ofDays(10);

    private final SharedAuthority authority;
    private final UUID self;
    private final InstantSource clock;
    private volatile Contexts contexts;

    /** The server's and the client's settings for one certificate. */
    private record Contexts(SslContext server, SslContext client, Instant until) {}

    /** Makes the first key, which takes a moment. */
    ReplicaTls(SharedAuthority authority, UUID self, InstantSource clock) {
        this.authority = authority;
        this.self = self;
        this.clock = clock;
        this.contexts = make(clock.instant());
    }

    /** The name in a replica's certificate. */
    static String name(UUID replica) {
        return replica + ".replica.sallyport.internal";
    }

    /** TLS for an accepted connection. */
    SslHandler accepting(ByteBufAllocator allocator) {
        return patient(contexts.server().newHandler(allocator));
    }

    /** TLS for a connection that this replica opens. */
    SslHandler dialling(ByteBufAllocator allocator, UUID other) {
        return patient(contexts.client().newHandler(allocator, name(other), -1));
    }

    private static SslHandler patient(SslHandler handler) {
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        return handler;
    }

    /** Replaces a key that is old, which takes a moment. To be called again and again, by one thread. */
    void renew() {
        Instant now = clock.instant();
        if (now.isAfter(contexts.until())) {
            contexts = make(now);
        }
    }

    private Contexts make(Instant now) {
        SharedAuthority.Identity own = authority.issue(
                List.of(name(self)), now, LIFE, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        try {
            SslContext server = SslContextBuilder.forServer(own.key(), own.chain())
                    .sslProvider(SslProvider.JDK)
                    .trustManager(authority.certificate())
                    .clientAuth(ClientAuth.REQUIRE)
                    .protocols("TLSv1.3")
                    .build();
            SslContext client = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .keyManager(own.key(), own.chain())
                    .trustManager(authority.certificate())
                    .endpointIdentificationAlgorithm("HTTPS")
                    .protocols("TLSv1.3")
                    .build();
            return new Contexts(server, client, now.plus(RENEWAL));
        } catch (SSLException e) {
            throw new IllegalStateException("TLS between replicas cannot be set up", e);
        }
    }
}
