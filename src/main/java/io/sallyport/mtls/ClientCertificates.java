package io.sallyport.mtls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.mtls.ChainCheck.Path;
import io.sallyport.mtls.RevocationCheck.Answer;
import io.sallyport.mtls.Verdict.Why;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * Judges the certificate of a request against the authorities of exactly its host (ST-06). What was found is remembered for the chain
 * and those authorities until a time of the path, an answer about revocation or ten minutes end it, so that a request costs one look-up.
 */
public final class ClientCertificates {
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration REFUSED_KEPT = Duration.ofSeconds(30);
    private static final Verdict NONE = new Verdict.None();

    /** Responders first, and lists where those do not help. */
    private static final int ROUNDS = 2;

    private final RevocationLists lists;
    private final Responders responders;
    private final RevocationCheck revocation;
    private final Cache<Key, Kept> known =
            Caffeine.newBuilder().maximumSize(10_000).build();

    /**
     * Starts with an empty cache.
     *
     * @param lists where revocation lists come from
     * @param responders who is asked about single certificates
     */
    public ClientCertificates(RevocationLists lists, Responders responders) {
        this.lists = lists;
        this.responders = responders;
        this.revocation = new RevocationCheck(lists, responders);
    }

    private record Key(String chain, Demand demand) {}

    private record Kept(Verdict verdict, Instant from, Instant until, long sources) {}

    /** The cached verdict; null when there is none. No I/O. */
    public @Nullable Verdict known(@Nullable Demand demand, Shown shown, Instant now) {
        if (demand == null || shown.equals(Shown.NOTHING)) {
            return NONE;
        }
        if (shown.equals(Shown.GARBAGE)) {
            return new Verdict.Refused(Why.UNREADABLE);
        }
        Kept kept = known.getIfPresent(new Key(shown.digest(), demand));
        return kept != null && kept.sources() == sources() && !now.isBefore(kept.from()) && now.isBefore(kept.until())
                ? kept.verdict()
                : null;
    }

    /** Works it out; waits when a revocation list has to be fetched or a responder asked, so never on an event loop. */
    public Verdict verify(@Nullable Demand demand, Shown shown, Instant now) {
        Verdict at = known(demand, shown, now);
        if (at != null || demand == null) {
            return at == null ? NONE : at;
        }
        // Read before the sources are asked: news that come meanwhile must end what is kept here.
        long sources = sources();
        Path path;
        try {
            path = ChainCheck.check(demand, shown.chain(), now);
        } catch (ChainCheck.Refusal refusal) {
            return keep(
                    demand, shown, new Kept(new Verdict.Refused(refusal.why()), now, now.plus(REFUSED_KEPT), sources));
        }
        Answer answer = revocation.check(path, now);
        for (int round = 0; round < ROUNDS && answer instanceof Answer.Needs(var fetched, var asked); round++) {
            lists.fetch(fetched, now);
            responders.ask(asked, now);
            sources = sources();
            answer = revocation.check(path, now);
        }
        return switch (answer) {
            case Answer.Good(Instant ends) ->
                keep(
                        demand,
                        shown,
                        new Kept(verified(path), now, earliest(path.until(), ends, now.plus(KEPT)), sources));
            case Answer.Revoked _ ->
                keep(demand, shown, new Kept(new Verdict.Refused(Why.REVOKED), now, now.plus(REFUSED_KEPT), sources));
            case Answer.Unknown _, Answer.Needs _ ->
                keep(
                        demand,
                        shown,
                        new Kept(new Verdict.Refused(Why.REVOCATION_UNKNOWN), now, now.plus(REFUSED_KEPT), sources));
        };
    }

    private Verdict keep(Demand demand, Shown shown, Kept kept) {
        known.put(new Key(shown.digest(), demand), kept);
        return kept.verdict();
    }

    /** A number that rises whenever a source of revocations has news. */
    private long sources() {
        return lists.version() + responders.version();
    }

    private static Instant earliest(Instant... moments) {
        return List.of(moments).stream().min(Instant::compareTo).orElseThrow();
    }

    private static Verdict verified(Path path) {
        X509Certificate leaf = path.certificates().getFirst();
        return new Verdict.Verified(
                new CertificateIdentity(
                        commonName(leaf.getSubjectX500Principal()),
                        thumbprint(leaf),
                        leaf.getIssuerX500Principal().getName(X500Principal.RFC2253),
                        issuerKeyId(leaf),
                        leaf.getSerialNumber().toString(16)),
                leaf);
    }

    /** The one CN; two of them are read differently by different people, so they count as none. */
    private static String commonName(X500Principal subject) {
        try {
            List<Object> names = new LdapName(subject.getName(X500Principal.RFC2253))
                    .getRdns().stream().flatMap(rdn -> values(rdn).stream()).toList();
            return names.size() == 1 && names.getFirst() instanceof String name ? name : "";
        } catch (InvalidNameException unreadable) {
            return "";
        }
    }

    private static List<Object> values(Rdn rdn) {
        try {
            var all = rdn.toAttributes().get("CN");
            return all == null
                    ? List.of()
                    : Collections.list(all.getAll()).stream()
                            .map(Object.class::cast)
                            .toList();
        } catch (NamingException unreadable) {
            return List.of();
        }
    }

    private static String issuerKeyId(X509Certificate leaf) {
        byte[] extension = leaf.getExtensionValue("2.5.29.35");
        try {
            byte[] id = extension == null
                    ? null
                    : AuthorityKeyIdentifier.getInstance(
                                    ASN1OctetString.getInstance(extension).getOctets())
                            .getKeyIdentifierOctets();
            return id == null ? "" : HexFormat.of().formatHex(id);
        } catch (RuntimeException unreadable) { // malformed input causes many types of exceptions
            return "";
        }
    }

    private static String thumbprint(X509Certificate leaf) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a verified certificate has an encoding, and every JDK has SHA-256", e);
        }
    }
}
