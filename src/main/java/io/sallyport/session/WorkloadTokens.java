package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.http.OutboundRules;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.WorkloadIssuers;
import io.sallyport.token.WorkloadVerifier;
import io.sallyport.token.WorkloadVerifier.Result;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens by which registered issuers vouch for workloads. Verifying may wait for the issuer's keys, so it happens off the event
 * loop, once per token; what was verified is then known from memory for as long as the token and its issuer's entry last, at most
 * an hour.
 */
public final class WorkloadTokens {
    private static final Logger LOG = LoggerFactory.getLogger(WorkloadTokens.class);
    private static final Duration KEPT = Duration.ofHours(1);

    private final EvaluatorKeys keys;
    private final Cache<String, Known> verified =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(KEPT).build();

    /** Fetches issuers' keys where these rules allow it. */
    public WorkloadTokens(OutboundRules rules) {
        this(new EvaluatorKeys(new OutboundExchange(rules)));
    }

    WorkloadTokens(EvaluatorKeys keys) {
        this.keys = keys;
    }

    private record Known(WorkloadIssuers.Entry issuer, ServiceIdentity workload, Instant expiresAt) {}

    /** The registered issuer a token claims to be from; empty for every other bearer token, which is the application's own. */
    public static Optional<WorkloadIssuers.Entry> issuer(Snapshot snapshot, String compact) {
        return snapshot.workloads().byIssuer().isEmpty()
                ? Optional.empty()
                : WorkloadVerifier.issuer(compact).map(snapshot.workloads().byIssuer()::get);
    }

    /** A verified one, from memory. */
    public Optional<ServiceIdentity> known(Snapshot snapshot, String compact, Instant now) {
        Known known = verified.getIfPresent(compact);
        return known != null
                        && now.isBefore(known.expiresAt())
                        && known.issuer()
                                .equals(snapshot.workloads()
                                        .byIssuer()
                                        .get(known.issuer().issuer()))
                ? Optional.of(known.workload())
                : Optional.empty();
    }

    /** Verifies one and remembers it when it is genuine. Blocking. */
    public void verify(WorkloadIssuers.Entry issuer, String compact, Instant now) {
        try {
            Result result = check(keys.current(issuer.jwksUrl(), now), issuer, compact, now);
            if (result instanceof Result.UnknownKey) {
                String newer = keys.newer(issuer.jwksUrl(), now);
                result = newer == null ? result : check(newer, issuer, compact, now);
            }
            if (result instanceof Result.Verified found) {
                ServiceIdentity workload = new ServiceIdentity(
                        new ServiceTokenId(issuer.id()),
                        "workload:" + issuer.name() + ":" + found.subject(),
                        issuer.name(),
                        found.claims());
                verified.put(compact, new Known(issuer, workload, found.expiresAt()));
            }
        } catch (IOException unreachable) {
            LOG.warn("the keys of workload issuer {} cannot be had: {}", issuer.name(), unreachable.getMessage());
        }
    }

    private static Result check(String keySet, WorkloadIssuers.Entry issuer, String compact, Instant now) {
        return WorkloadVerifier.verify(keySet, compact, issuer.issuer(), issuer.audience(), now);
    }
}
