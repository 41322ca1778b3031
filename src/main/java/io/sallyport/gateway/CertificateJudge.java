package io.sallyport.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.http.HostName;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.mtls.Demand;
import io.sallyport.mtls.Shown;
import io.sallyport.mtls.Verdict;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Determines the identity that a request's client certificate proves. For a known chain this is a look-up; for a new
 * one the chain is verified off the event loop, which may include fetching a revocation list.
 */
final class CertificateJudge {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateJudge.class);

    private final ClientCertificates certificates;
    private final Offload offload;
    private final InstantSource clock;
    private final MeterRegistry meters;

    CertificateJudge(ClientCertificates certificates, Offload offload, InstantSource clock, MeterRegistry meters) {
        this.certificates = certificates;
        this.offload = offload;
        this.clock = clock;
        this.meters = meters;
    }

    /** Judges the certificate of a new request. */
    Mono<AccessExchange.Certificate> judge(ServerWebExchange exchange, Snapshot snapshot, HostName host) {
        Shown shown = exchange.getAttributeOrDefault(Shown.class.getName(), Shown.NOTHING);
        return verdict(snapshot.demands().of(host), shown).map(verdict -> {
            if (verdict instanceof Verdict.Refused(Verdict.Why why)) {
                LOG.info(
                        "ray={} client certificate is not accepted: {}",
                        AccessRecord.of(exchange).ray(),
                        why.word());
                meters.counter("sallyport.client.certificates.refused", "reason", why.word())
                        .increment();
            }
            return new AccessExchange.Certificate(shown, verdict);
        });
    }

    /** Judges the certificate of a long-lived request again, by the current authorities. */
    Mono<Optional<CertificateIdentity>> again(AccessExchange access, Snapshot snapshot) {
        return verdict(
                        snapshot.demands().of(access.context().target().host()),
                        access.certificate().shown())
                .map(verdict -> Optional.ofNullable(verdict.holder()));
    }

    private Mono<Verdict> verdict(@Nullable Demand demand, Shown shown) {
        Instant now = clock.instant();
        Verdict known = certificates.known(demand, shown, now);
        return known != null
                ? Mono.just(known)
                : offload.call(Offload.Room.STRANGERS, () -> certificates.verify(demand, shown, now));
    }
}
