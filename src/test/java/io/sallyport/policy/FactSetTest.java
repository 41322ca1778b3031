package io.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FactSetTest {
    private static final IdpId OKTA = new IdpId(PolicyTable.uuid("okta"));
    private static final IdpId OTHER = new IdpId(PolicyTable.uuid("other"));
    private static final Selector.LoginFact OPS = new Selector.OktaGroup(OKTA, "ops");
    private static final Selector.LoginFact DEV = new Selector.OktaGroup(OKTA, "dev");
    private static final Selector.ExternalEvaluation EVALUATOR =
            new Selector.ExternalEvaluation(URI.create("https://e.example/"), URI.create("https://e.example/keys"));

    @Test
    void orderAndRepeatsDoNotMatter() {
        FactSet one = FactSet.of(List.of(OPS, DEV, EVALUATOR));
        FactSet other = FactSet.of(List.of(EVALUATOR, DEV, OPS, DEV));
        assertThat(one.digest()).isEqualTo(other.digest());
        assertThat(one.facts()).isEqualTo(other.facts()).hasSize(3);
    }

    @Test
    void anyDifferenceChangesTheDigest() {
        List<List<? extends Selector.LoginFact>> sets = List.of(
                List.of(),
                List.of(OPS),
                List.of(DEV),
                List.of(OPS, DEV),
                List.of(new Selector.OktaGroup(OTHER, "ops")),
                List.of(new Selector.AzureGroup(OKTA, "ops")),
                List.of(new Selector.OidcClaim(OKTA, "a", "bc")),
                List.of(new Selector.OidcClaim(OKTA, "ab", "c")),
                List.of(new Selector.OidcClaim(OKTA, "a|1:b", "c")),
                List.of(new Selector.SamlAttribute(OKTA, "a", "bc")),
                List.of(new Selector.GithubOrganization(OKTA, "o", null)),
                List.of(new Selector.GithubOrganization(OKTA, "o", "t")));
        assertThat(sets.stream().map(facts -> FactSet.of(facts).digest())).doesNotHaveDuplicates();
    }

    @Test
    void everyFactSurvivesTheToken() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int size = 0; size < 200; size++) {
            List<Selector.LoginFact> facts = new ArrayList<>(IntStream.range(0, size)
                    .mapToObj(i -> (Selector.LoginFact) new Selector.OktaGroup(OKTA, "g" + i))
                    .toList());
            facts.add(EVALUATOR);
            Collections.shuffle(facts, random);
            FactSet set = FactSet.of(facts);
            List<Group> groups = IntStream.range(0, size)
                    .filter(_ -> random.nextBoolean())
                    .mapToObj(i -> Group.named("g" + i))
                    .toList();
            FactSet.Captured captured = set.capture(identity(OKTA, groups), evaluations(random));
            FactSet.Captured read = set.decode(captured.encode()).orElseThrow();
            for (Selector.LoginFact fact : facts) {
                assertThat(read.test(fact)).as("seed %d, %s", seed, fact).isEqualTo(captured.test(fact));
            }
            assertThat(captured.encode()).matches("[A-Za-z0-9_.-]{17,120}");
        }
    }

    private static Map<Selector.ExternalEvaluation, Truth> evaluations(Random random) {
        return random.nextBoolean() ? Map.of() : Map.of(EVALUATOR, Truth.of(random.nextBoolean()));
    }

    @Test
    @DisplayName("issue 2, 5a: facts captured for other policies are not read, so the token is issued anew")
    void otherSetsDoNotRead() {
        FactSet set = FactSet.of(List.of(OPS, DEV));
        String encoded = set.capture(identity(OKTA, List.of(Group.named("ops"))), Map.of())
                .encode();
        assertThat(FactSet.of(List.of(OPS)).decode(encoded)).isEmpty();
        assertThat(FactSet.of(List.of(OPS, DEV, EVALUATOR)).decode(encoded)).isEmpty();
        assertThat(FactSet.of(List.of(DEV, OPS)).decode(encoded)).isPresent();
    }

    @Test
    @DisplayName("JW-05: one spelling, everything else does not parse")
    void otherSpellingsDoNotRead() {
        FactSet set = FactSet.of(List.of(OPS, DEV));
        String digest = set.digest();
        Stream.of(
                        "",
                        ".",
                        digest,
                        digest + "AQ",
                        digest + ".AQ==",
                        digest + ".AQ.",
                        digest + ".AQAA",
                        digest + ".BA",
                        digest + ".!!",
                        digest + ".AQ.AQ",
                        digest + ".AQ.Ag.AQ",
                        digest + ".AR",
                        digest + ". AQ")
                .forEach(text -> assertThat(set.decode(text)).as(text).isEmpty());
        assertThat(set.decode(digest + ".AQ.Ag")).isPresent();
    }

    @Test
    void factOutsideTheSetIsUndecided() {
        FactSet.Captured captured =
                FactSet.of(List.of(OPS)).capture(identity(OKTA, List.of(Group.named("dev"))), Map.of());
        assertThat(captured.test(DEV)).isEqualTo(Truth.UNDECIDED);
        assertThat(captured.test(OPS)).isEqualTo(Truth.FALSE);
    }

    @Test
    @DisplayName("OI-11: facts of one provider are false for a login through another")
    void otherProvidersFactsAreFalse() {
        FactSet set = FactSet.of(List.of(
                OPS,
                new Selector.GithubOrganization(OKTA, "ops", null),
                new Selector.AzureGroup(OKTA, "ops"),
                new Selector.OidcClaim(OKTA, "groups", "ops"),
                new Selector.SamlAttribute(OKTA, "groups", "ops")));
        FactSet.Captured same = set.capture(identity(OKTA, List.of(Group.named("ops"))), Map.of());
        FactSet.Captured other = set.capture(identity(OTHER, List.of(Group.named("ops"))), Map.of());
        assertThat(set.facts()).allSatisfy(fact -> {
            assertThat(same.test(fact)).isEqualTo(Truth.TRUE);
            assertThat(other.test(fact)).isEqualTo(Truth.FALSE);
        });
    }

    private static Identity identity(IdpId idp, List<Group> groups) {
        return new Identity(
                new UserId(PolicyTable.uuid("user")),
                new Email("ada@example.com"),
                null,
                new IdpRef(idp, "okta"),
                groups,
                List.of(),
                Map.of(),
                null,
                null,
                Instant.EPOCH,
                new IdentityNonce("n"));
    }
}
