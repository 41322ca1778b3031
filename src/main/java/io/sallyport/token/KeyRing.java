package io.sallyport.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The signing keys of the deployment and when each is used: the current one signs, the next is already published, the previous
 * still verifies (JW-02). Immutable and part of the snapshot. Time is an argument everywhere, so that all replicas
 * change keys at the same instant without being told.
 */
public final class KeyRing {
    /** Enough for some fifteen thousand sessions; a token that fell out costs one RSA verification. */
    private static final long REMEMBERED_BYTES = 24L << 20;

    private final List<Entry> entries;
    private final Map<String, Way> byHeader;
    private final Cache<String, Genuine> genuine;
    private volatile @Nullable JwksDocument jwks;

    /**
     * One key and its times.
     *
     * @param publishedAt from when validators can see it, and we accept it
     * @param signsFrom from when it signs, unless a newer one does
     * @param retiresAt from when it is neither published nor accepted; null while that is open
     */
    public record Entry(
            SigningKey key,
            Instant publishedAt,
            Instant signsFrom,
            @Nullable Instant retiresAt) {
        boolean visible(Instant now) {
            return !now.isBefore(publishedAt) && (retiresAt == null || now.isBefore(retiresAt));
        }
    }

    /** A key and the scheme in which a token's first part says that it signed. */
    record Way(Entry entry, Scheme scheme) {
        /**
         * Whether this scheme may sign such claims: HS256, which only we can verify, is for the team domain's cookie
         * only.
         */
        boolean mayVouchFor(TokenClaims claims) {
            return scheme == entry.key().published() || claims instanceof TokenClaims.Global;
        }
    }

    /** A token whose signature was found good, so that the same cookie need not be verified at every request. */
    record Genuine(SigningKey key, String issuer, TokenClaims claims) {}

    private KeyRing(List<Entry> entries, Cache<String, Genuine> genuine) {
        this.entries = entries.stream()
                .sorted(Comparator.comparing(Entry::signsFrom)
                        .reversed()
                        .thenComparing(e -> e.key().kid()))
                .toList();
        Map<String, Way> headers = new HashMap<>();
        for (Entry entry : this.entries) {
            for (Scheme scheme : List.of(entry.key().published(), entry.key().own())) {
                if (headers.put(scheme.headerSegment(), new Way(entry, scheme)) != null) {
                    throw new IllegalArgumentException("a key is listed twice: " + entry.key());
                }
            }
        }
        this.byHeader = Map.copyOf(headers);
        this.genuine = genuine;
    }

    /** A ring of these keys, in any order. */
    public static KeyRing of(List<Entry> entries) {
        return new KeyRing(
                entries,
                Caffeine.newBuilder()
                        .maximumWeight(REMEMBERED_BYTES)
                        .weigher((String compact, Genuine g) -> compact.length() + 512)
                        .build());
    }

    /**
     * A ring of other keys that goes on from this one: tokens already verified need not be verified again. Safe, because a key id is
     * the hash of the key, and whether that key still counts is asked at every look-up.
     */
    public KeyRing succeededBy(List<Entry> newer) {
        return new KeyRing(newer, genuine);
    }

    /** The keys, newest first. */
    public List<Entry> entries() {
        return entries;
    }

    /**
     * The key to sign with: the newest whose time has come.
     *
     * @throws IllegalStateException when there is none
     */
    public SigningKey signing(Instant now) {
        return current(now).key();
    }

    /** The certs document of this moment, prebuilt. */
    public JwksDocument jwks(Instant now) {
        JwksDocument known = jwks;
        if (known == null || !known.describes(now)) {
            known = JwksDocument.of(this, now);
            jwks = known;
        }
        return known;
    }

    /** Ids of the keys that validators can see, in a fixed order. */
    public List<String> publishedIds(Instant now) {
        return entries.stream()
                .filter(entry -> entry.visible(now))
                .map(entry -> entry.key().kid())
                .sorted()
                .toList();
    }

    Entry current(Instant now) {
        for (Entry entry : entries) {
            if (entry.visible(now) && !now.isBefore(entry.signsFrom())) {
                return entry;
            }
        }
        throw new IllegalStateException("no signing key is in force");
    }

    /** What is published: the current key first, then the others, newest first. */
    List<Entry> published(Instant now) {
        Entry current = current(now);
        return Stream.concat(Stream.of(current), entries.stream().filter(e -> !e.equals(current) && e.visible(now)))
                .toList();
    }

    /** The next moment at which {@link #published} changes. */
    Instant changesAfter(Instant now) {
        return entries.stream()
                .flatMap(e -> Stream.of(
                                Optional.of(e.publishedAt()),
                                Optional.of(e.signsFrom()),
                                Optional.ofNullable(e.retiresAt()))
                        .flatMap(Optional::stream))
                .filter(now::isBefore)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /** The key and scheme whose tokens begin with this header, null when it is none of ours or does not count now. */
    @Nullable
    Way verifying(String headerSegment, Instant now) {
        Way way = byHeader.get(headerSegment);
        return way != null && way.entry().visible(now) ? way : null;
    }

    /** A token already found genuine by a key that still counts. */
    @Nullable
    Genuine recall(String compact, Instant now) {
        Genuine known = genuine.getIfPresent(compact);
        return known != null && verifying(known.key().published().headerSegment(), now) != null ? known : null;
    }

    void remember(String compact, Genuine token) {
        genuine.put(compact, token);
    }
}
