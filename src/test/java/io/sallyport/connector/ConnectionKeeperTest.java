package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class ConnectionKeeperTest {
    @Test
    void aCertificateOfTheGatewaysOwnIsNamedWithWhatToDoAndNotByTheLibrarysNumber() {
        Throwable jdk =
                new CompletionException(new SSLHandshakeException("(certificate_unknown) PKIX path building failed")
                        .initCause(new CertPathBuilderException("unable to find valid certification path")));
        Throwable boring = new SSLException("error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED");

        assertThat(ConnectionKeeper.reason(jdk))
                .isEqualTo(ConnectionKeeper.reason(boring))
                .contains("--cacert", "sallyport tunnel authority");
    }

    @Test
    void whoReachesNobodyIsToldSoForBothTransportsAndWhatToLookAt() {
        Throwable nobody = new EdgeDial.Failed(
                new PortUnreachableException(), new ConnectException("Connection refused: /127.0.0.1:7844"));

        assertThat(ConnectionKeeper.reason(nobody))
                .isEqualTo("nothing listens there over UDP; nothing listens there over TCP");
        assertThat(ConnectionKeeper.advice(nobody)).contains("is the gateway running", "--edge");
        assertThat(ConnectionKeeper.advice(new CompletionException(new UnknownHostException("gate.example.com"))))
                .contains("--edge", "DNS");
    }

    @Test
    void aCertificateThatIsRefusedOverTcpDoesNotHideBehindSilenceOverUdp() {
        Throwable untrusted = new EdgeDial.Failed(
                new PortUnreachableException(),
                new SSLException("error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED"));

        assertThat(ConnectionKeeper.reason(untrusted)).contains("over UDP; ", "--cacert");
        assertThat(ConnectionKeeper.advice(untrusted)).isEmpty();
    }

    @Test
    void whatHasAnotherReasonKeepsItsWords() {
        assertThat(ConnectionKeeper.reason(new SSLException("handshake timed out")))
                .isEqualTo("handshake timed out");
        assertThat(ConnectionKeeper.reason(new SSLException((String) null))).isEqualTo("SSLException");
    }
}
