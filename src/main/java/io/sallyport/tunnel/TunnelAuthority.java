package io.sallyport.tunnel;

import io.sallyport.token.KeyWrapper;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Our own certificate authority for the tunnel listeners. Its leaves have the names that connectors expect. */
final class TunnelAuthority {
    private static final List<String> NAMES =
            List.of("h2.cftunnel.com", "quic.cftunnel.com", "probe.cftunnel.com", "localhost");
    private static final Duration LEAF_LIFE = Duration.ofDays(397);

    private final SharedAuthority authority;

    private TunnelAuthority(SharedAuthority authority) {
        this.authority = authority;
    }

    /** The deployment's authority; the first replica that asks creates it. Blocks; called at start. */
    static TunnelAuthority readOrCreate(JdbcClient database, KeyWrapper wrapper, InstantSource clock) {
        return new TunnelAuthority(
                SharedAuthority.readOrCreate(SharedAuthority.Purpose.TUNNEL, database, wrapper, clock));
    }

    /** The certificate that connectors must trust, PEM. */
    String certificatePem() {
        return authority.certificatePem();
    }

    /** The same certificate with its expiry, for the API. */
    ConnectorTrust.Authority shown() {
        return new ConnectorTrust.Authority(
                certificatePem(), authority.certificate().getNotAfter().toInstant());
    }

    /** A fresh certificate for this replica's listeners. */
    SharedAuthority.Identity issue(Instant now) {
        return authority.issue(NAMES, now, LEAF_LIFE, KeyPurposeId.id_kp_serverAuth);
    }
}
