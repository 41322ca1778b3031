package io.sallyport.mtls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.URI;
import java.security.cert.CRLException;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches revocation lists by the addresses in certificates and caches them in memory, up to a limit. Lists are
 * refreshed periodically; one that cannot be fetched again is used until its {@code nextUpdate}. Lists are verified by
 * their signature, so plain http suffices. Thread-safe; {@link #at} never blocks.
 */
public final class RevocationLists {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationLists.class);
    private static final Duration RETRY = Duration.ofSeconds(30);
    private static final long MOST_BYTES = 64L * 1024 * 1024;
    private static final int ENTRY_BYTES = 1024;

    private final Source source;
    private final Duration refresh;
    private final AtomicLong version = new AtomicLong();
    private final Map<URI, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
    private final Cache<URI, Fetched> kept = Caffeine.newBuilder()
            .maximumWeight(MOST_BYTES)
            .<URI, Fetched>weigher((address, fetched) -> ENTRY_BYTES + fetched.bytes())
            .expireAfterAccess(Duration.ofDays(1))
            .build();

    /** Fetches one list, only from where calls of ours may go. */
    @FunctionalInterface
    public interface Source {
        /** @throws IOException when there is no answer in time, for whatever reason; the message is for the log */
        byte[] fetch(URI address) throws IOException;
    }

    /** @param list null when it could never be fetched */
    private record Fetched(@Nullable X509CRL list, int bytes, Instant tried, boolean failed) {
        boolean due(Instant now, Duration every) {
            boolean old = list != null && ends(list).isBefore(now);
            return tried.plus(failed || old ? RETRY : every).isBefore(now);
        }

        boolean usable(Instant now) {
            return list != null && !ends(list).isBefore(now);
        }
    }

    /**
     * Nothing is fetched before it is asked for.
     *
     * @param refresh how long a list is used before it is fetched again, and so how long a revocation may go unnoticed
     */
    public RevocationLists(Source source, Duration refresh) {
        this.source = source;
        this.refresh = refresh;
    }

    static Instant ends(X509CRL list) {
        return list.getNextUpdate() == null ? Instant.MAX : list.getNextUpdate().toInstant();
    }

    /** The list there, if there is one; it may be past its time. */
    Optional<X509CRL> at(URI address) {
        return Optional.ofNullable(kept.getIfPresent(address)).map(Fetched::list);
    }

    /** Whether it is worth waiting for. */
    boolean worthFetching(URI address, Instant now) {
        Fetched fetched = kept.getIfPresent(address);
        return fetched == null || (!fetched.usable(now) && fetched.due(now, refresh));
    }

    /** Rises whenever a list changes. */
    long version() {
        return version.get();
    }

    /** Fetches these lists. Blocks; concurrent calls for one list share one fetch. */
    void fetch(Collection<URI> addresses, Instant now) {
        List<CompletableFuture<Void>> pending = addresses.stream()
                .map(address -> underWay.computeIfAbsent(address, each -> {
                    CompletableFuture<Void> done = new CompletableFuture<>();
                    Thread.ofVirtual().name("revocation-list").start(() -> {
                        try {
                            fetchOne(each, now);
                        } finally {
                            underWay.remove(each);
                            done.complete(null);
                        }
                    });
                    return done;
                }))
                .toList();
        pending.forEach(CompletableFuture::join);
    }

    /** Refreshes lists that have been used for long enough. Called periodically from one thread. */
    public void refresh(Instant now) {
        fetch(
                kept.asMap().entrySet().stream()
                        .filter(each -> each.getValue().due(now, refresh))
                        .map(Map.Entry::getKey)
                        .toList(),
                now);
    }

    private void fetchOne(URI address, Instant now) {
        Fetched before = kept.policy().getIfPresentQuietly(address);
        try {
            byte[] der = source.fetch(address);
            X509CRL list = Pem.list(der);
            kept.put(address, new Fetched(list, der.length, now, false));
            if (before == null || !list.equals(before.list())) {
                version.incrementAndGet(); // after it is there: who reads this number finds the list that it stands for
            }
            if (before == null || before.failed()) {
                LOG.info("revocation list {} read, {} bytes, good until {}", address, der.length, ends(list));
            }
        } catch (IOException | CRLException | RuntimeException e) {
            X509CRL old = before == null ? null : before.list();
            kept.put(address, new Fetched(old, before == null ? 0 : before.bytes(), now, true));
            if (before == null || !before.failed()) {
                LOG.warn("revocation list {} cannot be read: {}", address, e.toString());
            }
        }
    }
}
