package io.sallyport.mtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.mtls.Verdict.Why;
import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestClientAuthority.Issued;
import io.sallyport.testkit.TestClientAuthority.Wanted;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** ST-06: whom a chain makes its holder, and every way in which it makes them nobody. */
class ClientCertificatesTest {
    private static final Instant NOW = InstantSource.system().instant();
    private static final URI LIST = URI.create("http://lists.example/ca.crl");

    private final TestClientAuthority root = TestClientAuthority.root("Devices");
    private final Map<URI, byte[]> published = new ConcurrentHashMap<>();
    private final AtomicInteger fetches = new AtomicInteger();
    private final RevocationLists lists = new RevocationLists(this::fetch, Duration.ofMinutes(10));
    private final ClientCertificates certificates = new ClientCertificates(
            lists,
            new Responders(
                    (responder, question) -> {
                        throw new IOException("there is no responder");
                    },
                    Duration.ofMinutes(10)));

    private byte[] fetch(URI address) throws IOException {
        fetches.incrementAndGet();
        byte[] list = published.get(address);
        if (list == null) {
            throw new IOException("answered 404");
        }
        return list;
    }

    private static Demand demand(TestClientAuthority authority, Revocation revocation, byte @Nullable [] list)
            throws Pem.Unusable {
        return new Demand(
                List.of(new Authority(
                        "CA",
                        Pem.authority(authority.pem()),
                        revocation,
                        list == null ? null : Pem.list(TestClientAuthority.listPem(list)))),
                false);
    }

    private static Demand demand(TestClientAuthority authority) throws Pem.Unusable {
        return demand(authority, Revocation.NAMED, null);
    }

    private Verdict judge(Demand demand, Issued shown) {
        return judge(demand, shown, NOW);
    }

    private Verdict judge(@Nullable Demand demand, Issued shown, Instant now) {
        return certificates.verify(demand, Shown.of(shown.chain()), now);
    }

    private void refused(Why why, Demand demand, Issued shown) {
        assertThat(judge(demand, shown)).isEqualTo(new Verdict.Refused(why));
    }

    @Test
    void aCertificateOfTheHostsAuthorityIsItsHolder() throws Pem.Unusable {
        Issued shown = root.client("laptop-7").issue();
        assertThat(judge(demand(root), shown).holder()).satisfies(holder -> {
            assertThat(holder.commonName()).isEqualTo("laptop-7");
            assertThat(holder.issuer()).isEqualTo("CN=Devices");
            assertThat(holder.serial())
                    .isEqualTo(shown.certificate().getSerialNumber().toString(16));
            assertThat(holder.issuerKeyId()).matches("[0-9a-f]{40}");
            assertThat(holder.thumbprint()).matches("[A-Za-z0-9_-]{43}");
        });
    }

    @Test
    void whatWasFoundIsALookUpTheNextTimeUntilTheCertificateEnds() throws Pem.Unusable {
        Demand demand = demand(root);
        Issued shown = root.client("laptop").until(NOW.plusSeconds(60)).issue();
        Shown chain = Shown.of(shown.chain());
        assertThat(certificates.known(demand, chain, NOW)).isNull();
        judge(demand, shown);
        assertThat(certificates.known(demand, chain, NOW.plusSeconds(50))).isInstanceOf(Verdict.Verified.class);
        assertThat(certificates.known(demand, chain, NOW.plusSeconds(61))).isNull();
        assertThat(judge(demand, shown, NOW.plusSeconds(61))).isEqualTo(new Verdict.Refused(Why.EXPIRED));
        assertThat(certificates.known(demand, chain, NOW.minusSeconds(7200)))
                .as("FC-07: a clock that jumps back proves nothing")
                .isNull();
    }

    @Test
    void timesAreKept() throws Pem.Unusable {
        refused(
                Why.EXPIRED,
                demand(root),
                root.client("x").until(NOW.minusSeconds(1)).issue());
        refused(
                Why.NOT_YET_VALID,
                demand(root),
                root.client("x").from(NOW.plusSeconds(1)).issue());
        TestClientAuthority ended =
                TestClientAuthority.rootLike("Old").until(NOW.minusSeconds(1)).authority();
        refused(Why.UNTRUSTED, demand(ended), ended.client("x").issue());
    }

    @Test
    void strangersAndTwinsAreUntrusted() throws Pem.Unusable {
        refused(
                Why.UNTRUSTED,
                demand(root),
                TestClientAuthority.root("Stranger").client("x").issue());
        refused(
                Why.UNTRUSTED,
                demand(root),
                TestClientAuthority.root("Devices").client("x").issue());
        Issued twin = TestClientAuthority.rootLike("Devices").issue();
        refused(Why.WRONG_PURPOSE, demand(root), twin);
        Wanted selfSigned = TestClientAuthority.rootLike("Devices").asAuthority(-1);
        refused(Why.WRONG_PURPOSE, demand(root), selfSigned.issue());
    }

    @Test
    void theAuthoritysOwnCertificateIsNobodys() throws Pem.Unusable {
        assertThat(certificates.verify(demand(root), Shown.of(List.of(root.certificate())), NOW))
                .isEqualTo(new Verdict.Refused(Why.WRONG_PURPOSE));
        TestClientAuthority below = root.intermediate("Below");
        assertThat(certificates.verify(demand(root), Shown.of(List.of(below.certificate())), NOW))
                .isEqualTo(new Verdict.Refused(Why.WRONG_PURPOSE));
    }

    @Test
    void purposesAreKept() throws Pem.Unusable {
        refused(Why.WRONG_PURPOSE, demand(root), root.client("x").purpose(null).issue());
        refused(
                Why.WRONG_PURPOSE,
                demand(root),
                root.client("x").purpose(KeyPurposeId.id_kp_serverAuth).issue());
        refused(
                Why.WRONG_PURPOSE,
                demand(root),
                root.client("x").purpose(KeyPurposeId.anyExtendedKeyUsage).issue());
        refused(
                Why.WRONG_PURPOSE,
                demand(root),
                root.client("x").usage(KeyUsage.keyEncipherment).issue());
    }

    @Test
    void intermediatesTheClientShowsLeadToTheRoot() throws Pem.Unusable {
        Issued shown = root.intermediate("Site").client("printer").issue();
        assertThat(judge(demand(root), shown).holder()).isNotNull();
        refused(Why.UNTRUSTED, demand(root), new Issued(shown.keys(), List.of(shown.certificate())));
    }

    @Test
    void anUploadedIntermediateIsAnAnchorForItsOwnAndForNobodyElse() throws Pem.Unusable {
        TestClientAuthority site = root.intermediate("Site");
        assertThat(judge(demand(site), site.client("a").issue()).holder()).isNotNull();
        refused(
                Why.UNTRUSTED,
                demand(site),
                root.intermediate("Other").client("b").issue());
        refused(Why.UNTRUSTED, demand(site), root.client("c").issue());
    }

    @Test
    void aClientIsNoAuthorityAndAnAuthorityMayNotGoDeeperThanItSays() throws Pem.Unusable {
        TestClientAuthority flat =
                TestClientAuthority.rootLike("Flat").asAuthority(0).authority();
        assertThat(judge(demand(flat), flat.client("a").issue()).holder()).isNotNull();
        refused(
                Why.UNTRUSTED,
                demand(flat),
                flat.intermediate("Below").client("b").issue());
        TestClientAuthority notAllowed = root.client("Sly")
                .usage(KeyUsage.digitalSignature | KeyUsage.keyCertSign)
                .authority();
        refused(Why.UNTRUSTED, demand(root), notAllowed.client("c").issue());
    }

    @Test
    void nameConstraintsOfTheAuthorityBind() throws Pem.Unusable {
        TestClientAuthority bound = TestClientAuthority.rootLike("Bound")
                .asAuthority(-1)
                .permitting("devices.example")
                .authority();
        assertThat(judge(
                                demand(bound),
                                bound.client("a").dnsName("a.devices.example").issue())
                        .holder())
                .isNotNull();
        refused(
                Why.UNTRUSTED,
                demand(bound),
                bound.client("b").dnsName("b.elsewhere.example").issue());
        TestClientAuthority between = root.client("Between")
                .asAuthority(-1)
                .permitting("devices.example")
                .authority();
        refused(
                Why.UNTRUSTED,
                demand(root),
                between.client("c").dnsName("c.elsewhere.example").issue());
    }

    @Test
    void twoCommonNamesAreNone() throws Pem.Unusable {
        assertThat(judge(
                                demand(root),
                                root.client("x")
                                        .subject("CN=admin,OU=a,CN=guest")
                                        .issue())
                        .holder())
                .satisfies(holder -> assertThat(holder.commonName()).isEmpty());
        assertThat(judge(
                                demand(root),
                                root.client("x").subject("CN=admin+CN=guest").issue())
                        .holder())
                .satisfies(holder -> assertThat(holder.commonName()).isEmpty());
        assertThat(judge(demand(root), root.client("x").subject("O=Nobody").issue())
                        .holder())
                .satisfies(holder -> assertThat(holder.commonName()).isEmpty());
    }

    @Test
    void anUploadedListRevokes() throws Pem.Unusable {
        Issued bad = root.client("stolen").issue();
        Issued good = root.client("kept").issue();
        Demand demand = demand(root, Revocation.NAMED, root.list(bad.certificate()));
        refused(Why.REVOKED, demand, bad);
        assertThat(judge(demand, good).holder()).isNotNull();
    }

    @Test
    void fc06_anUploadedListPastItsTimeProvesNobodyGoodAndStillRevokes() throws Pem.Unusable {
        Issued bad = root.client("stolen").issue();
        Issued good = root.client("kept").issue();
        byte[] old = root.list(NOW.minus(Duration.ofHours(3)), bad.certificate());
        refused(Why.REVOCATION_UNKNOWN, demand(root, Revocation.NAMED, old), good);
        refused(Why.REVOKED, demand(root, Revocation.NAMED, old), bad);
        refused(Why.REVOKED, demand(root, Revocation.SOFT, old), bad);
        assertThat(judge(demand(root, Revocation.SOFT, old), good).holder()).isNotNull();
        assertThat(judge(demand(root, Revocation.OFF, old), bad).holder()).isNotNull();
    }

    @Test
    void aForeignListSaysNothing() throws Pem.Unusable {
        Issued mine = root.client("mine").issue();
        byte[] forged = TestClientAuthority.root("Devices").list(mine.certificate());
        refused(Why.REVOCATION_UNKNOWN, demand(root, Revocation.NAMED, forged), mine);
        assertThat(judge(demand(root, Revocation.SOFT, forged), mine).holder()).isNotNull();
    }

    @Test
    void aListTheCertificateNamesIsFetchedOnceAndKept() throws Pem.Unusable {
        Issued bad = root.client("stolen").list(LIST).issue();
        Issued good = root.client("kept").list(LIST).issue();
        published.put(LIST, root.list(bad.certificate()));
        Demand demand = demand(root);
        refused(Why.REVOKED, demand, bad);
        assertThat(judge(demand, good).holder()).isNotNull();
        assertThat(fetches).hasValue(1);
    }

    @Test
    void aRevocationIsSeenWhenTheListIsReadAgain() throws Pem.Unusable {
        Issued shown = root.client("lost").list(LIST).issue();
        published.put(LIST, root.list());
        Demand demand = demand(root);
        assertThat(judge(demand, shown).holder()).isNotNull();
        published.put(LIST, root.list(shown.certificate()));
        lists.refresh(NOW.plusSeconds(60));
        assertThat(judge(demand, shown, NOW.plusSeconds(60)).holder())
                .as("not before it is due")
                .isNotNull();
        lists.refresh(NOW.plusSeconds(601));
        assertThat(judge(demand, shown, NOW.plusSeconds(601))).isEqualTo(new Verdict.Refused(Why.REVOKED));
    }

    @Test
    void fc06_aListThatCannotBeReadRefusesUnlessTheAuthorityIsSoft() throws Pem.Unusable {
        Issued shown = root.client("x").list(LIST).issue();
        refused(Why.REVOCATION_UNKNOWN, demand(root), shown);
        assertThat(judge(demand(root, Revocation.SOFT, null), shown).holder()).isNotNull();
        assertThat(fetches).as("a source that fails is left alone for a while").hasValue(1);
        published.put(LIST, root.list());
        assertThat(judge(demand(root), shown, NOW.plusSeconds(31)).holder()).isNotNull();
    }

    @Test
    void fc06_aListWhereNobodyCanBeAskedIsStillOneThatIsNamed() throws Pem.Unusable {
        Issued shown = root.client("x")
                .list(URI.create("ldap://directory.example/cn=CA?certificateRevocationList"))
                .issue();
        refused(Why.REVOCATION_UNKNOWN, demand(root), shown);
        assertThat(judge(demand(root, Revocation.NAMED, root.list()), shown).holder())
                .as("the admin uploads it")
                .isNotNull();
        assertThat(judge(demand(root, Revocation.SOFT, null), shown).holder()).isNotNull();
    }

    @Test
    void aSourceThatFailsLaterLeavesTheListUntilItsOwnEnd() throws Pem.Unusable {
        Issued shown =
                root.client("x").until(NOW.plus(Duration.ofDays(9))).list(LIST).issue();
        published.put(LIST, root.list(NOW.plus(Duration.ofHours(1))));
        TestClientAuthority lasting = root;
        Demand demand = demand(lasting);
        assertThat(judge(demand, shown).holder()).isNotNull();
        published.remove(LIST);
        lists.refresh(NOW.plus(Duration.ofMinutes(30)));
        assertThat(judge(demand, shown, NOW.plus(Duration.ofMinutes(30))).holder())
                .isNotNull();
        assertThat(judge(demand, shown, NOW.plus(Duration.ofMinutes(80))))
                .isEqualTo(new Verdict.Refused(Why.REVOCATION_UNKNOWN));
    }

    @Test
    void whoMustBeProvedAndNamesNoSourceIsRefused() throws Pem.Unusable {
        refused(
                Why.REVOCATION_UNKNOWN,
                demand(root, Revocation.REQUIRED, null),
                root.client("x").issue());
        assertThat(judge(
                                demand(root, Revocation.REQUIRED, root.list()),
                                root.client("x").issue())
                        .holder())
                .isNotNull();
    }

    @Test
    void aRevokedIntermediateTakesItsCertificatesWithIt() throws Pem.Unusable {
        TestClientAuthority site = root.intermediate("Site");
        Demand demand = demand(root, Revocation.NAMED, root.list(site.certificate()));
        refused(Why.REVOKED, demand, site.client("x").issue());
    }

    @Test
    void whatIsNoListAndLaterIsOneIsReadThen() throws Pem.Unusable {
        Issued shown = root.client("x").list(LIST).issue();
        published.put(LIST, "<html>".getBytes(StandardCharsets.US_ASCII));
        refused(Why.REVOCATION_UNKNOWN, demand(root), shown);
    }

    @Test
    void nothingShownAndNothingAskedAreNobody() throws Pem.Unusable {
        assertThat(certificates.verify(demand(root), Shown.NOTHING, NOW)).isEqualTo(new Verdict.None());
        assertThat(judge(null, root.client("x").issue(), NOW)).isEqualTo(new Verdict.None());
        assertThat(certificates.verify(demand(root), Shown.GARBAGE, NOW))
                .isEqualTo(new Verdict.Refused(Why.UNREADABLE));
    }

    @Test
    void chainsWithoutEndAreNotLookedAt() throws Pem.Unusable {
        X509Certificate each = root.client("x").issue().certificate();
        assertThat(Shown.of(Collections.nCopies(9, each))).isSameAs(Shown.GARBAGE);
        assertThat(demand(root).authorities()).hasSize(1);
    }
}
