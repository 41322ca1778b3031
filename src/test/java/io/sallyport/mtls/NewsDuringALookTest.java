package io.sallyport.mtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.mtls.Responders.Subject;
import io.sallyport.mtls.Verdict.Why;
import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestClientAuthority.Issued;
import io.sallyport.testkit.TestResponder;
import java.math.BigInteger;
import java.net.URI;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.Principal;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.cert.CRLException;
import java.security.cert.Certificate;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * ST-06: a certificate is revoked while a request with it is being judged, after the look at what is known and before the verdict is
 * kept. The authority's uploaded list brings the news: it is read just then.
 */
class NewsDuringALookTest {
    private static final Instant NOW = InstantSource.system().instant();
    private static final URI ASKED = URI.create("http://ocsp.example/");
    private static final URI LIST = URI.create("http://lists.example/ca.crl");
    private static final Duration REFRESH = Duration.ofMinutes(10);
    private static final Runnable NONE = () -> {};

    private final TestClientAuthority root = TestClientAuthority.root("Devices");
    private final TestResponder responder = TestResponder.start(root).at(NOW);
    private final Map<URI, byte[]> published = new ConcurrentHashMap<>();
    private final AtomicReference<Runnable> whenAnswered = new AtomicReference<>(NONE);
    private final AtomicReference<Runnable> duringTheLook = new AtomicReference<>(NONE);
    private final RevocationLists lists =
            new RevocationLists(address -> Objects.requireNonNull(published.get(address)), REFRESH);
    private final Responders responders = new Responders(
            (address, question) -> {
                byte[] answer = responder.answer(question);
                whenAnswered.getAndSet(NONE).run();
                return answer;
            },
            REFRESH);
    private final ClientCertificates certificates = new ClientCertificates(lists, responders);

    @AfterEach
    void close() {
        responder.close();
    }

    private Demand demand() throws Exception {
        X509CRL list = new ListThatIsRead(
                Pem.list(TestClientAuthority.listPem(root.list())),
                () -> duringTheLook.getAndSet(NONE).run());
        return new Demand(List.of(new Authority("CA", Pem.authority(root.pem()), Revocation.NAMED, list)), false);
    }

    private void revokeAtTheResponder(Issued lost) {
        responder.revoke(lost.certificate());
        responders.ask(Map.of(new Subject(lost.certificate(), root.certificate()), List.of(ASKED)), NOW);
    }

    private void assertThatTheVerdictDidNotOutliveTheNews(Demand demand, Shown shown) {
        assertThat(duringTheLook).as("the news came").hasValue(NONE);
        assertThat(certificates.known(demand, shown, NOW)).as("kept").isNull();
        assertThat(certificates.verify(demand, shown, NOW)).isEqualTo(new Verdict.Refused(Why.REVOKED));
    }

    @Test
    void st06ARevocationAfterTheLookAtAKnownAnswerEndsTheVerdict() throws Exception {
        Issued lost = root.client("laptop").responder(ASKED).issue();
        Shown shown = Shown.of(lost.chain());
        certificates.verify(demand(), shown, NOW);

        Demand demand = demand();
        duringTheLook.set(() -> revokeAtTheResponder(lost));
        assertThat(certificates.verify(demand, shown, NOW))
                .as("what was known at the look")
                .isInstanceOf(Verdict.Verified.class);
        assertThatTheVerdictDidNotOutliveTheNews(demand, shown);
    }

    @Test
    void st06ARevocationAfterTheLookAtAnAnswerThatWasAskedForEndsTheVerdict() throws Exception {
        Issued lost = root.client("laptop").responder(ASKED).issue();
        Shown shown = Shown.of(lost.chain());

        Demand demand = demand();
        whenAnswered.set(() -> duringTheLook.set(() -> revokeAtTheResponder(lost)));
        assertThat(certificates.verify(demand, shown, NOW))
                .as("what was known at the look")
                .isInstanceOf(Verdict.Verified.class);
        assertThatTheVerdictDidNotOutliveTheNews(demand, shown);
    }

    @Test
    void st06ANewListAfterTheLookAtTheOldOneEndsTheVerdict() throws Exception {
        Issued lost = root.client("laptop").list(LIST).issue();
        Shown shown = Shown.of(lost.chain());
        published.put(LIST, root.list());
        certificates.verify(demand(), shown, NOW);

        Demand demand = demand();
        duringTheLook.set(() -> {
            published.put(LIST, root.list(lost.certificate()));
            lists.fetch(List.of(LIST), NOW);
        });
        assertThat(certificates.verify(demand, shown, NOW))
                .as("what was known at the look")
                .isInstanceOf(Verdict.Verified.class);
        assertThatTheVerdictDidNotOutliveTheNews(demand, shown);
    }

    /** A list that does something when it is looked at, each of them a different one. */
    private static final class ListThatIsRead extends X509CRL {
        private final X509CRL list;
        private final Runnable whenRead;

        ListThatIsRead(X509CRL list, Runnable whenRead) {
            this.list = list;
            this.whenRead = whenRead;
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public X500Principal getIssuerX500Principal() {
            whenRead.run();
            return list.getIssuerX500Principal();
        }

        @Override
        public byte[] getEncoded() throws CRLException {
            return list.getEncoded();
        }

        @Override
        public void verify(PublicKey key)
                throws CRLException, NoSuchAlgorithmException, InvalidKeyException, NoSuchProviderException,
                        SignatureException {
            list.verify(key);
        }

        @Override
        public void verify(PublicKey key, String provider)
                throws CRLException, NoSuchAlgorithmException, InvalidKeyException, NoSuchProviderException,
                        SignatureException {
            list.verify(key, provider);
        }

        @Override
        public int getVersion() {
            return list.getVersion();
        }

        @Override
        public Principal getIssuerDN() {
            return list.getIssuerX500Principal();
        }

        @Override
        public Date getThisUpdate() {
            return list.getThisUpdate();
        }

        @Override
        public Date getNextUpdate() {
            return list.getNextUpdate();
        }

        @Override
        public @Nullable X509CRLEntry getRevokedCertificate(BigInteger serial) {
            return list.getRevokedCertificate(serial);
        }

        @Override
        public @Nullable Set<? extends X509CRLEntry> getRevokedCertificates() {
            return list.getRevokedCertificates();
        }

        @Override
        public byte[] getTBSCertList() throws CRLException {
            return list.getTBSCertList();
        }

        @Override
        public byte[] getSignature() {
            return list.getSignature();
        }

        @Override
        public String getSigAlgName() {
            return list.getSigAlgName();
        }

        @Override
        public String getSigAlgOID() {
            return list.getSigAlgOID();
        }

        @Override
        public byte @Nullable [] getSigAlgParams() {
            return list.getSigAlgParams();
        }

        @Override
        public boolean isRevoked(Certificate certificate) {
            return list.isRevoked(certificate);
        }

        @Override
        public String toString() {
            return list.toString();
        }

        @Override
        public boolean hasUnsupportedCriticalExtension() {
            return list.hasUnsupportedCriticalExtension();
        }

        @Override
        public @Nullable Set<String> getCriticalExtensionOIDs() {
            return list.getCriticalExtensionOIDs();
        }

        @Override
        public @Nullable Set<String> getNonCriticalExtensionOIDs() {
            return list.getNonCriticalExtensionOIDs();
        }

        @Override
        public byte @Nullable [] getExtensionValue(String oid) {
            return list.getExtensionValue(oid);
        }
    }
}
