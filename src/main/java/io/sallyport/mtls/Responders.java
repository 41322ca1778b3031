package io.sallyport.mtls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks OCSP responders (RFC 6960) about certificates and caches their answers until they expire. While a certificate is
 * in use its answer is renewed in the background, so that a revocation is noticed before the old answer expires. A
 * responder that does not answer is not asked again for a while, for any certificate. Answers are verified by their
 * signature, so plain http suffices. Thread-safe; only {@link #ask} blocks.
 */
public final class Responders {
    private static final Logger LOG = LoggerFactory.getLogger(Responders.class);
    private static final Duration RETRY = Duration.ofSeconds(30);
    private static final int MOST_CERTIFICATES = 50_000;
    private static final int MOST_SILENT = 1_000;

    private final Source source;
    private final Duration refresh;
    private final AtomicLong version = new AtomicLong();
    private final Map<Subject, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
    private final Cache<Subject, Said> said = Caffeine.newBuilder()
            .maximumSize(MOST_CERTIFICATES)
            .expireAfterAccess(Duration.ofDays(1))
            .build();
    private final Cache<URI, Instant> silent = Caffeine.newBuilder()
            .maximumSize(MOST_SILENT)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    /** Puts one question, only to where calls of ours may go. */
    @FunctionalInterface
    public interface Source {
        /**
         * Posts an {@code application/ocsp-request}.
         *
         * @throws IOException when there is no answer in time, for whatever reason; the message is for the log
         */
        byte[] ask(URI responder, byte[] question) throws IOException;
    }

    /** Whom a question is about: serial numbers mean something only beside their issuer. */
    record Subject(X509Certificate certificate, X509Certificate issuer) {}

    /** What is known. */
    enum Status {
        GOOD,
        REVOKED,
        /** Nothing that is proved and current. */
        UNKNOWN
    }

    /** @param answer the last that was proved; null when there was none */
    private record Said(@Nullable OcspAnswer answer, Instant asked) {
        boolean usable(Instant now) {
            return answer != null && (answer.status() == Status.REVOKED || now.isBefore(answer.until()));
        }

        boolean due(Instant now, Duration every) {
            return !asked.plus(every).isAfter(now);
        }
    }

    /**
     * Nobody is asked before a certificate names them.
     *
     * @param refresh how long an answer is used before the question is put again, and so how long a revocation may go unnoticed
     */
    public Responders(Source source, Duration refresh) {
        this.source = source;
        this.refresh = refresh;
    }

    /**
     * The cached status. A revoked certificate stays revoked after its answer has expired, until the responder says
     * otherwise.
     */
    Status about(Subject subject, Instant now) {
        Said known = said.getIfPresent(subject);
        OcspAnswer answer = known == null ? null : known.answer();
        return known == null || answer == null || !known.usable(now) ? Status.UNKNOWN : answer.status();
    }

    /** When the cached answer expires. */
    Instant goodUntil(Subject subject) {
        Said known = said.getIfPresent(subject);
        OcspAnswer answer = known == null ? null : known.answer();
        return answer == null ? Instant.MIN : answer.until();
    }

    /** Whether waiting for an answer may help. */
    boolean worthAsking(Subject subject, List<URI> addresses, Instant now) {
        Said known = said.getIfPresent(subject);
        return (known == null || (!known.usable(now) && known.due(now, RETRY)))
                && !addresses.stream().allMatch(address -> isSilent(address, now));
    }

    /** Renews an answer that has been used for long enough, in the background. */
    void renewWhenDue(Subject subject, List<URI> addresses, Instant now) {
        Said known = said.getIfPresent(subject);
        if (known != null && known.usable(now) && known.due(now, refresh)) {
            start(subject, addresses, now);
        }
    }

    /** A number that rises whenever a certificate's status changes. */
    long version() {
        return version.get();
    }

    /** Asks the responders. Blocks; concurrent calls for one certificate share one request. */
    void ask(Map<Subject, List<URI>> subjects, Instant now) {
        subjects.entrySet().stream()
                .map(each -> start(each.getKey(), each.getValue(), now))
                .toList()
                .forEach(CompletableFuture::join);
    }

    private CompletableFuture<Void> start(Subject subject, List<URI> addresses, Instant now) {
        return underWay.computeIfAbsent(subject, each -> {
            CompletableFuture<Void> done = new CompletableFuture<>();
            Thread.ofVirtual().name("ocsp").start(() -> {
                try {
                    askAll(each, addresses, now);
                } finally {
                    underWay.remove(each);
                    done.complete(null);
                }
            });
            return done;
        });
    }

    /** Until one gives an answer that is proved. */
    private void askAll(Subject subject, List<URI> addresses, Instant now) {
        Said before = said.getIfPresent(subject);
        OcspAnswer old = before == null ? null : before.answer();
        for (URI address : addresses) {
            OcspAnswer answer = isSilent(address, now) ? null : askOne(subject, address, now);
            // What an earlier answer did not know, a later one does not
            // forget: an older copy played back changes nothing.
            if (answer != null && (old == null || !answer.from().isBefore(old.from()))) {
                said.put(subject, new Said(answer, now));
                if (old != null && old.status() != answer.status()) {
                    version.incrementAndGet();
                }
                return;
            }
        }
        said.put(subject, new Said(old, now));
    }

    private @Nullable OcspAnswer askOne(Subject subject, URI address, Instant now) {
        try {
            OcspAnswer answer = OcspAnswer.read(subject, source.ask(address, OcspAnswer.question(subject)), now);
            silent.invalidate(address);
            return answer;
        } catch (IOException | RuntimeException e) {
            if (silent.asMap().put(address, now) == null) {
                LOG.warn("the OCSP responder {} does not answer: {}", address, e.toString());
            }
        } catch (OcspAnswer.Unproved e) {
            LOG.warn(
                    "the OCSP responder {} gave no valid answer about serial {}: {}",
                    address,
                    subject.certificate().getSerialNumber().toString(16),
                    e.getMessage());
        }
        return null;
    }

    private boolean isSilent(URI address, Instant now) {
        Instant since = silent.getIfPresent(address);
        return since != null && since.plus(RETRY).isAfter(now);
    }
}
