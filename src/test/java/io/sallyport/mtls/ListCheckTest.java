package io.sallyport.mtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.mtls.ListCheck.Standing;
import io.sallyport.testkit.TestClientAuthority;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** ST-06: what several lists of one issuer say about a certificate. */
class ListCheckTest {
    private static final Instant NOW = InstantSource.system().instant();

    private final TestClientAuthority root = TestClientAuthority.root("Devices");
    private final X509Certificate certificate =
            root.client("laptop").issue().chain().getFirst();

    private Standing ask(X509CRL... lists) {
        return ListCheck.ask(certificate, root.certificate(), List.of(lists), NOW);
    }

    /** Which list the JDK looks at first depends on their hashes, which differ in each repetition. */
    @RepeatedTest(12)
    void oneListThatRevokesIsBelievedWhateverAnotherSays() throws Exception {
        X509CRL without = Pem.list(root.list());
        X509CRL with = Pem.list(root.list(certificate));

        assertThat(ask(without, with)).isEqualTo(Standing.REVOKED);
        assertThat(ask(with, without)).isEqualTo(Standing.REVOKED);
    }

    @Test
    void listsWithoutTheCertificateCoverIt() throws Exception {
        X509Certificate other = root.client("phone").issue().chain().getFirst();

        assertThat(ask(Pem.list(root.list()), Pem.list(root.list(other)))).isEqualTo(Standing.COVERED);
    }

    @Test
    void withoutAListNothingIsKnown() {
        assertThat(ask()).isEqualTo(Standing.UNDETERMINED);
    }
}
