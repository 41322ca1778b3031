package io.sallyport.mtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.mtls.Verdict.Why;
import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestClientAuthority.Issued;
import io.sallyport.testkit.TestResponder;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a responder says of a certificate, and all that must not count as its word (RFC 6960; ST-06, FC-06). */
class RespondersTest {
    private static final Instant NOW = InstantSource.system().instant();
    private static final URI ASKED = URI.create("http://ocsp.example/");
    private static final URI SECOND = URI.create("http://ocsp-2.example/");
    private static final URI LIST = URI.create("http://lists.example/ca.crl");
    private static final Duration REFRESH = Duration.ofMinutes(10);

    private final TestClientAuthority root = TestClientAuthority.root("Devices");
    private final TestResponder responder = TestResponder.start(root).at(NOW);
    private final Map<URI, byte[]> published = new ConcurrentHashMap<>();
    private final ClientCertificates certificates =
            new ClientCertificates(new RevocationLists(this::fetch, REFRESH), new Responders(this::ask, REFRESH));

    @AfterEach
    void close() {
        responder.close();
    }

    private byte[] ask(URI address, byte[] question) throws IOException {
        if (address.equals(NamedAddresses.UNREADABLE)) {
            throw new IOException("nobody answers there");
        }
        return responder.answer(question);
    }

    private byte[] fetch(URI address) throws IOException {
        byte[] list = published.get(address);
        if (list == null) {
            throw new IOException("answered 404");
        }
        return list;
    }

    private Demand demand(Revocation revocation) throws Pem.Unusable {
        return new Demand(List.of(new Authority("CA", Pem.authority(root.pem()), revocation, null)), false);
    }

    private Issued client() {
        return root.client("laptop")
                .until(NOW.plus(Duration.ofDays(9)))
                .responder(ASKED)
                .issue();
    }

    private Verdict judge(Issued shown, Revocation revocation, Instant now) throws Pem.Unusable {
        return certificates.verify(demand(revocation), Shown.of(shown.chain()), now);
    }

    private void admitted(Issued shown, Revocation revocation, Instant now) throws Pem.Unusable {
        assertThat(judge(shown, revocation, now)).isInstanceOf(Verdict.Verified.class);
    }

    private void refused(Why why, Issued shown, Revocation revocation, Instant now) throws Pem.Unusable {
        assertThat(judge(shown, revocation, now)).isEqualTo(new Verdict.Refused(why));
    }

    @Test
    void aGoodAnswerIsAskedForOnce() throws Pem.Unusable {
        Issued shown = client();
        admitted(shown, Revocation.REQUIRED, NOW);
        admitted(shown, Revocation.REQUIRED, NOW.plusSeconds(599));
        assertThat(responder.asked()).isEqualTo(1);
    }

    @Test
    void whoIsRevokedIsRefusedWhateverTheSettingButOff() throws Pem.Unusable {
        Issued lost = client();
        responder.revoke(lost.certificate());
        refused(Why.REVOKED, lost, Revocation.NAMED, NOW);
        refused(Why.REVOKED, lost, Revocation.SOFT, NOW);
        admitted(client(), Revocation.NAMED, NOW);
        int asked = responder.asked();
        admitted(lost, Revocation.OFF, NOW);
        assertThat(responder.asked()).isEqualTo(asked);
    }

    @Test
    void fc06_aResponderThatDoesNotAnswerRefusesUnlessTheAuthorityIsSoft() throws Pem.Unusable {
        responder.silent(true);
        refused(Why.REVOCATION_UNKNOWN, client(), Revocation.NAMED, NOW);
        refused(Why.REVOCATION_UNKNOWN, client(), Revocation.REQUIRED, NOW);
        admitted(client(), Revocation.SOFT, NOW);
        assertThat(responder.asked())
                .as("it is left alone for a while, whoever comes")
                .isEqualTo(1);
        responder.silent(false);
        admitted(client(), Revocation.NAMED, NOW.plusSeconds(31));
    }

    static Stream<Map.Entry<String, BiConsumer<TestResponder, TestClientAuthority>>> lies() {
        return Stream.of(
                Map.entry("of a certificate it never heard of", (responder, root) -> {}),
                Map.entry(
                        "signed by a stranger's key",
                        (responder, root) -> responder.signedBy(
                                TestClientAuthority.root("Devices").client("x").issue())),
                Map.entry(
                        "by somebody who may not sign answers",
                        (responder, root) -> responder.signedBy(root.client("x").issue())),
                Map.entry(
                        "by a delegate of another authority",
                        (responder, root) -> responder.signedBy(TestClientAuthority.root("Devices")
                                .client("x")
                                .purpose(KeyPurposeId.id_kp_OCSPSigning)
                                .issue())),
                Map.entry(
                        "by a delegate whose time is over",
                        (responder, root) -> responder.signedBy(root.client("x")
                                .purpose(KeyPurposeId.id_kp_OCSPSigning)
                                .until(NOW.minus(Duration.ofDays(1)))
                                .issue())),
                Map.entry(
                        "about another certificate",
                        (responder, root) -> responder.speakingOf(
                                root.client("other").issue().certificate())),
                Map.entry(
                        "past its end",
                        (responder, root) ->
                                responder.at(NOW.minus(Duration.ofMinutes(70))).lasting(Duration.ofHours(1))),
                Map.entry(
                        "past its end by a second",
                        (responder, root) -> responder.at(NOW.minusSeconds(61)).lasting(Duration.ofMinutes(1))),
                Map.entry("from the future", (responder, root) -> responder.at(NOW.plus(Duration.ofHours(2)))),
                Map.entry(
                        "old and without an end",
                        (responder, root) ->
                                responder.at(NOW.minus(Duration.ofHours(1))).lasting(null)),
                Map.entry("that it is busy", (responder, root) -> responder.refusing(OCSPRespBuilder.TRY_LATER)),
                Map.entry(
                        "that it is not for us", (responder, root) -> responder.refusing(OCSPRespBuilder.UNAUTHORIZED)),
                Map.entry(
                        "in HTML", (responder, root) -> responder.saying("<html>".getBytes(StandardCharsets.US_ASCII))),
                Map.entry("in nothing at all", (responder, root) -> responder.saying(new byte[0])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void st06_anAnswerIsNoAnswer(Map.Entry<String, BiConsumer<TestResponder, TestClientAuthority>> lie)
            throws Pem.Unusable {
        Issued shown = client();
        lie.getValue().accept(responder, root);
        if (lie.getKey().contains("never heard")) {
            responder.forget(shown.certificate());
        }
        refused(Why.REVOCATION_UNKNOWN, shown, Revocation.NAMED, NOW);
        admitted(shown, Revocation.SOFT, NOW);
        assertThat(responder.asked()).isEqualTo(1);
    }

    @Test
    void fc06_aResponderOfAnotherSchemeIsStillOneThatIsNamed() throws Pem.Unusable {
        Issued shown = root.client("laptop")
                .until(NOW.plus(Duration.ofDays(9)))
                .responder(URI.create("ldap://directory.example/ocsp"))
                .issue();
        refused(Why.REVOCATION_UNKNOWN, shown, Revocation.NAMED, NOW);
        admitted(shown, Revocation.SOFT, NOW);
    }

    @Test
    void aDelegateOfTheIssuerMaySignForIt() throws Pem.Unusable {
        responder.signedBy(
                root.client("Answers").purpose(KeyPurposeId.id_kp_OCSPSigning).issue());
        Issued lost = client();
        responder.revoke(lost.certificate());
        admitted(client(), Revocation.NAMED, NOW);
        refused(Why.REVOKED, lost, Revocation.NAMED, NOW);
    }

    @Test
    void whereTheResponderIsSilentAListWillDo() throws Pem.Unusable {
        Issued shown = root.client("x").responder(ASKED).list(LIST).issue();
        Issued lost = root.client("y").responder(ASKED).list(LIST).issue();
        published.put(LIST, root.list(lost.certificate()));
        responder.silent(true);
        admitted(shown, Revocation.NAMED, NOW);
        refused(Why.REVOKED, lost, Revocation.NAMED, NOW);
    }

    @Test
    void anAnswerThatProvesNothingLeadsToTheListToo() throws Pem.Unusable {
        Issued shown = root.client("x").responder(ASKED).list(LIST).issue();
        published.put(LIST, root.list());
        responder.refusing(OCSPRespBuilder.UNAUTHORIZED);
        admitted(shown, Revocation.NAMED, NOW);
    }

    @Test
    void whomAListRevokesNoResponderMakesGood() throws Pem.Unusable {
        Issued first = root.client("x").list(LIST).issue();
        Issued lost = root.client("y").responder(ASKED).list(LIST).issue();
        published.put(LIST, root.list(lost.certificate()));
        admitted(first, Revocation.NAMED, NOW);
        refused(Why.REVOKED, lost, Revocation.NAMED, NOW);
    }

    @Test
    void aRevocationIsNoticedLongBeforeTheAnswersEnd() throws Pem.Unusable {
        responder.lasting(Duration.ofDays(7));
        Issued shown = client();
        admitted(shown, Revocation.NAMED, NOW);
        responder.at(NOW.plusSeconds(600)).revoke(shown.certificate());
        admitted(shown, Revocation.NAMED, NOW.plusSeconds(601));
        await().untilAsserted(() -> refused(Why.REVOKED, shown, Revocation.NAMED, NOW.plusSeconds(602)));
        assertThat(responder.asked()).isEqualTo(2);
    }

    @Test
    void anOlderAnswerPlayedBackMakesNobodyGoodAgain_aNewerOneDoes() throws Pem.Unusable {
        Issued shown = client();
        responder.at(NOW.minusSeconds(60));
        byte[] before = answerAbout(shown);
        responder.at(NOW).revoke(shown.certificate());
        refused(Why.REVOKED, shown, Revocation.NAMED, NOW);
        responder.saying(before);
        int asked = responder.asked();
        refused(Why.REVOKED, shown, Revocation.NAMED, NOW.plusSeconds(601));
        await().until(() -> responder.asked() > asked);
        refused(Why.REVOKED, shown, Revocation.NAMED, NOW.plusSeconds(700));
        responder.saying(null).at(NOW.plusSeconds(1300)).release(shown.certificate());
        await().untilAsserted(() -> admitted(shown, Revocation.NAMED, NOW.plusSeconds(1302)));
    }

    private byte[] answerAbout(Issued shown) {
        try {
            return responder.answer(
                    OcspAnswer.question(new Responders.Subject(shown.certificate(), root.certificate())));
        } catch (IOException | OcspAnswer.Unproved e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aResponderThatFallsSilentLeavesItsAnswerUntilThatEnds() throws Pem.Unusable {
        Issued shown = client();
        admitted(shown, Revocation.NAMED, NOW);
        responder.silent(true);
        admitted(shown, Revocation.NAMED, NOW.plus(Duration.ofMinutes(59)));
        refused(Why.REVOCATION_UNKNOWN, shown, Revocation.NAMED, NOW.plus(Duration.ofMinutes(61)));
    }

    @Test
    void anAnswerWithoutAnEndCountsForMinutes() throws Pem.Unusable {
        responder.lasting(null);
        Issued shown = client();
        admitted(shown, Revocation.NAMED, NOW);
        responder.silent(true);
        refused(Why.REVOCATION_UNKNOWN, shown, Revocation.NAMED, NOW.plus(Duration.ofMinutes(6)));
    }

    @Test
    void anIntermediateIsAskedAboutAsWell() throws Pem.Unusable {
        Issued below = root.client("Site")
                .asAuthority(-1)
                .responder(ASKED)
                .authority()
                .client("x")
                .issue();
        admitted(below, Revocation.NAMED, NOW);
        assertThat(responder.asked()).isEqualTo(1);
        Issued lost = root.client("Site")
                .asAuthority(-1)
                .responder(SECOND)
                .authority()
                .client("y")
                .issue();
        responder.revoke(lost.chain().get(1));
        refused(Why.REVOKED, lost, Revocation.NAMED, NOW);
    }
}
