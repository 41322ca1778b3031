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
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the tokens of workloads from registered issuers. Verification may wait for the issuer's keys, so it runs off
 * the event loop, once per token; the result is cached while the token is valid and its issuer's entry unchanged, for
 * an hour at most.
 */
public final class WorkloadTokens {
    private static final Logger LOG = LoggerFactory.getLogger(WorkloadTokens.class);
    private static final Duration KEPT = Duration.ofHours(1);

    private final PublishedKeys keys;
    private final Cache<String, Vouched> verified =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(KEPT).build();

    /** Fetches issuers' keys where these rules allow it. */
    public WorkloadTokens(OutboundRules rules) {
        this(new PublishedKeys(new OutboundExchange(rules)));
    }

    WorkloadTokens(PublishedKeys keys) {
        this.keys = keys;
    }

    /**
     * A verified workload and its issuer.
     *
     * @param expiresAt when the token expires
     */
    public record Vouched(WorkloadIssuers.Entry issuer, ServiceIdentity workload, Instant expiresAt) {}

    /**
     * The registered issuer a token claims to be from; empty for every other bearer token, which is meant for the
     * application.
     */
    public static Optional<WorkloadIssuers.Entry> issuer(Snapshot snapshot, String compact) {
        return snapshot.workloads().byIssuer().isEmpty()
                ? Optional.empty()
                : WorkloadVerifier.claimed(compact)
                        .map(WorkloadVerifier.Claimed::issuer)
                        .map(snapshot.workloads().byIssuer()::get);
    }

    /**
     * Whether a bearer token is meant for the gateway: it claims to come from a registered issuer, or from a token
     * exchange.
     */
    public static boolean isForTheGate(Snapshot snapshot, String compact) {
        return !snapshot.workloads().byIssuer().isEmpty()
                && WorkloadVerifier.claimed(compact)
                        .filter(claimed -> snapshot.workloads().byIssuer().containsKey(claimed.issuer())
                                || isOurs(snapshot, claimed))
                        .isPresent();
    }

    /** Whether a token claims that we issued it to a workload. */
    static boolean isExchanged(Snapshot snapshot, String compact) {
        return WorkloadVerifier.claimed(compact)
                .filter(claimed -> isOurs(snapshot, claimed))
                .isPresent();
    }

    private static boolean isOurs(Snapshot snapshot, WorkloadVerifier.Claimed claimed) {
        return claimed.exchanged()
                && claimed.issuer().equals(snapshot.settings().issuer());
    }

    /** The issuer of the only token presented, when that token has not been verified yet. */
    public Optional<WorkloadIssuers.Entry> unknown(Snapshot snapshot, List<String> tokens, Instant now) {
        return tokens.size() != 1 || known(snapshot, tokens.getFirst(), now).isPresent()
                ? Optional.empty()
                : issuer(snapshot, tokens.getFirst());
    }

    /** The workload of a token that was verified before; no I/O. */
    public Optional<ServiceIdentity> known(Snapshot snapshot, String compact, Instant now) {
        return find(snapshot, compact, now).map(Vouched::workload);
    }

    /** The workload of a valid token, which is verified now unless the result is cached. Blocking. */
    public Optional<Vouched> authenticate(Snapshot snapshot, String compact, Instant now) {
        unknown(snapshot, List.of(compact), now).ifPresent(issuer -> verify(issuer, compact, now));
        return find(snapshot, compact, now);
    }

    private Optional<Vouched> find(Snapshot snapshot, String compact, Instant now) {
        Vouched known = verified.getIfPresent(compact);
        return known != null
                        && now.isBefore(known.expiresAt())
                        && known.issuer()
                                .equals(snapshot.workloads()
                                        .byIssuer()
                                        .get(known.issuer().issuer()))
                ? Optional.of(known)
                : Optional.empty();
    }

    /** Verifies a token and caches the result when it is valid. Blocking. */
    public void verify(WorkloadIssuers.Entry issuer, String compact, Instant now) {
        try {
            Result result = check(keys.current(issuer.jwksUrl(), now), issuer, compact, now);
            if (result instanceof Result.UnknownKey) {
                result = keys.newer(issuer.jwksUrl(), now)
                        .map(newer -> check(newer, issuer, compact, now))
                        .orElse(result);
            }
            if (result instanceof Result.Verified found) {
                ServiceIdentity workload = new ServiceIdentity(
                        new ServiceTokenId(issuer.id()),
                        "workload:" + issuer.name() + ":" + found.subject(),
                        issuer.name(),
                        found.claims());
                verified.put(compact, new Vouched(issuer, workload, found.expiresAt()));
            }
        } catch (IOException unreachable) {
            LOG.warn("the keys of workload issuer {} cannot be had: {}", issuer.name(), unreachable.getMessage());
        }
    }

    private static Result check(String keySet, WorkloadIssuers.Entry issuer, String compact, Instant now) {
        return WorkloadVerifier.verify(keySet, compact, issuer.issuer(), issuer.audience(), now);
    }
}
