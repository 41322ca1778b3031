package io.sallyport.policy;

import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdpId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a login that an application's policies use, in a fixed order. They are stored in the token as two
 * bits per fact, so that any replica can decide from the token and the snapshot alone (issue 2, point 5a), however many
 * groups a person has. The digest identifies the set: a token made for another set is re-issued from the stored
 * identity.
 *
 * <p>Facts of one provider are false for a login through another (OI-11), and so is everything that the login did not
 * report: a person who signed in by one-time PIN is in no Okta group.
 */
public final class FactSet {
    private static final int DIGEST_LENGTH = 16;

    private final List<Selector.LoginFact> facts;
    private final Map<Selector.LoginFact, Integer> indexes;
    private final String digest;

    private FactSet(List<Selector.LoginFact> facts, String digest) {
        this.facts = List.copyOf(facts);
        this.digest = digest;
        this.indexes = HashMap.newHashMap(facts.size());
        for (int i = 0; i < facts.size(); i++) {
            indexes.put(facts.get(i), i);
        }
    }

    /** The set of these facts, whatever their order and number of repeats. */
    static FactSet of(Collection<? extends Selector.LoginFact> facts) {
        Map<String, Selector.LoginFact> sorted = new TreeMap<>();
        facts.forEach(fact -> sorted.put(canonical(fact), fact));
        MessageDigest sha256 = sha256();
        for (String spelling : sorted.keySet()) {
            byte[] bytes = spelling.getBytes(StandardCharsets.UTF_8);
            sha256.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            sha256.update(bytes);
        }
        String name = Base64.getUrlEncoder().encodeToString(sha256.digest()).substring(0, DIGEST_LENGTH);
        return new FactSet(List.copyOf(sorted.values()), name);
    }

    /** A spelling that differs when the facts do: key and parts, each behind its length. */
    private static String canonical(Selector.LoginFact fact) {
        List<String> parts = switch (fact) {
            case Selector.AuthMethod(String method) -> List.of(method);
            case Selector.LoginMethod(IdpId idp) -> List.of(idp.toString());
            case Selector.GithubOrganization(IdpId idp, String organization, String team) ->
                team == null ? List.of(idp.toString(), organization) : List.of(idp.toString(), organization, team);
            case Selector.GsuiteGroup(IdpId idp, String email) -> List.of(idp.toString(), email);
            case Selector.OktaGroup(IdpId idp, String name) -> List.of(idp.toString(), name);
            case Selector.AzureGroup(IdpId idp, String id) -> List.of(idp.toString(), id);
            case Selector.SamlAttribute(IdpId idp, String name, String value) -> List.of(idp.toString(), name, value);
            case Selector.OidcClaim(IdpId idp, String name, String value) -> List.of(idp.toString(), name, value);
            case Selector.ExternalEvaluation evaluation ->
                List.of(
                        evaluation.evaluateUrl().toString(),
                        evaluation.keysUrl().toString());
        };
        StringBuilder spelling = new StringBuilder(fact.key());
        parts.forEach(
                part -> spelling.append('|').append(part.length()).append(':').append(part));
        return spelling.toString();
    }

    /** The facts, sorted and without repeats. */
    public List<Selector.LoginFact> facts() {
        return facts;
    }

    /** A short name for this exact set. */
    public String digest() {
        return digest;
    }

    int index(Selector.LoginFact fact) {
        Integer index = indexes.get(fact);
        return index == null ? -1 : index;
    }

    /**
     * Evaluates every fact against a stored identity.
     *
     * @param evaluations answers of external evaluators; a missing one is undecided
     */
    public Captured capture(Identity identity, Map<Selector.ExternalEvaluation, Truth> evaluations) {
        Bits holds = new Bits(facts.size());
        Bits undecided = new Bits(facts.size());
        for (int i = 0; i < facts.size(); i++) {
            switch (truth(facts.get(i), identity, evaluations)) {
                case TRUE -> holds.set(i);
                case UNDECIDED -> undecided.set(i);
                case FALSE -> {}
            }
        }
        return new Captured(this, holds, undecided);
    }

    private static Truth truth(
            Selector.LoginFact fact, Identity identity, Map<Selector.ExternalEvaluation, Truth> evaluations) {
        return switch (fact) {
            case Selector.AuthMethod(String method) -> Truth.of(identity.amr().contains(method));
            case Selector.LoginMethod(IdpId idp) -> Truth.of(cameThrough(idp, identity));
            case Selector.GithubOrganization(IdpId idp, String organization, String team) ->
                Truth.of(cameThrough(idp, identity)
                        && inGroup(identity, team == null ? organization : organization + "/" + team));
            case Selector.GsuiteGroup(IdpId idp, String email) ->
                Truth.of(cameThrough(idp, identity)
                        && identity.groups().stream().anyMatch(g -> email.equalsIgnoreCase(g.email())));
            case Selector.OktaGroup(IdpId idp, String name) ->
                Truth.of(
                        cameThrough(idp, identity) && identity.groups().stream().anyMatch(g -> name.equals(g.name())));
            case Selector.AzureGroup(IdpId idp, String id) ->
                Truth.of(cameThrough(idp, identity)
                        && identity.groups().stream().anyMatch(g -> id.equalsIgnoreCase(g.id())));
            case Selector.SamlAttribute(IdpId idp, String name, String value) ->
                Truth.of(cameThrough(idp, identity) && claimHolds(identity, name, value));
            case Selector.OidcClaim(IdpId idp, String name, String value) ->
                Truth.of(cameThrough(idp, identity) && claimHolds(identity, name, value));
            case Selector.ExternalEvaluation evaluation -> evaluations.getOrDefault(evaluation, Truth.UNDECIDED);
        };
    }

    private static boolean cameThrough(IdpId idp, Identity identity) {
        return identity.idp().id().equals(idp);
    }

    /** GitHub's organisations and teams compare without case, as GitHub itself does. */
    private static boolean inGroup(Identity identity, String name) {
        return identity.groups().stream()
                .anyMatch(group -> name.equalsIgnoreCase(group.id()) || name.equalsIgnoreCase(group.name()));
    }

    /** A claim called {@code groups}, in any case, was made the person's groups at login. */
    private static boolean claimHolds(Identity identity, String name, String value) {
        return equalsOrHolds(identity.claims().get(name), value)
                || (name.equalsIgnoreCase("groups")
                        && identity.groups().stream().anyMatch(g -> isNamed(g, value)));
    }

    private static boolean isNamed(Group group, String value) {
        return value.equals(group.id()) || value.equals(group.name());
    }

    private static boolean equalsOrHolds(@Nullable Object claim, String value) {
        return switch (claim) {
            case null -> false;
            case String text -> text.equals(value);
            case Number number -> number.toString().equals(value);
            case Boolean flag -> flag.toString().equals(value);
            case Collection<?> elements -> elements.stream().anyMatch(element -> equalsOrHolds(element, value));
            default -> false; // an object has no single value to compare
        };
    }

    /** Reads what {@link Captured#encode} wrote; empty when it was captured for another set or does not parse. */
    public Optional<Captured> decode(String encoded) {
        int dot = encoded.indexOf('.');
        if (dot != DIGEST_LENGTH || !encoded.startsWith(digest)) {
            return Optional.empty();
        }
        int second = encoded.indexOf('.', dot + 1);
        String holds = encoded.substring(dot + 1, second < 0 ? encoded.length() : second);
        Optional<Bits> undecided = second < 0
                ? Optional.of(new Bits(facts.size()))
                : Bits.decode(encoded.substring(second + 1), facts.size());
        return Bits.decode(holds, facts.size())
                .flatMap(h -> undecided.map(u -> new Captured(this, h, u)))
                .filter(captured -> !captured.holds.overlaps(captured.undecided))
                .filter(captured -> captured.encode().equals(encoded));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** A fixed number of bits. Written once, while it is made. */
    private static final class Bits {
        private final long[] words;

        Bits(int size) {
            this.words = new long[(size + 63) / 64];
        }

        static Optional<Bits> decode(String text, int size) {
            try {
                BitSet read = BitSet.valueOf(Base64.getUrlDecoder().decode(text));
                if (read.length() > size) {
                    return Optional.empty();
                }
                Bits bits = new Bits(size);
                read.stream().forEach(bits::set);
                return Optional.of(bits);
            } catch (IllegalArgumentException notBase64) {
                return Optional.empty();
            }
        }

        void set(int i) {
            words[i >> 6] |= 1L << i;
        }

        boolean get(int i) {
            return (words[i >> 6] & 1L << i) != 0;
        }

        boolean isEmpty() {
            return Arrays.stream(words).allMatch(word -> word == 0);
        }

        boolean overlaps(Bits other) {
            return BitSet.valueOf(words).intersects(BitSet.valueOf(other.words));
        }

        String encode() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(BitSet.valueOf(words).toByteArray());
        }
    }

    /** The truth of every fact of one set for one login. */
    public static final class Captured implements Subject.Facts {
        private final FactSet set;
        private final Bits holds;
        private final Bits undecided;

        private Captured(FactSet set, Bits holds, Bits undecided) {
            this.set = set;
            this.holds = holds;
            this.undecided = undecided;
        }

        boolean belongsTo(FactSet other) {
            return set == other;
        }

        /** A fact outside the set was not established, hence undecided. */
        @Override
        public Truth test(Selector.LoginFact fact) {
            int index = set.index(fact);
            return index < 0 ? Truth.UNDECIDED : test(index);
        }

        Truth test(int index) {
            return holds.get(index) ? Truth.TRUE : undecided.get(index) ? Truth.UNDECIDED : Truth.FALSE;
        }

        /** A compact URL-safe spelling for the token: digest and bits. There is exactly one for each value (JW-05). */
        public String encode() {
            String encoded = set.digest + "." + holds.encode();
            return undecided.isEmpty() ? encoded : encoded + "." + undecided.encode();
        }
    }
}
