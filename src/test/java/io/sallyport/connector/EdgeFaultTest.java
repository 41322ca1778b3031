package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class EdgeFaultTest {
    private static final InetSocketAddress EDGE = new InetSocketAddress("127.0.0.1", 7844);

    @Test
    void aCertificateOfTheGatewaysOwnIsNamedWithWhatToDoAndNotByTheLibrarysNumber() {
        Throwable jdk =
                new CompletionException(new SSLHandshakeException("(certificate_unknown) PKIX path building failed")
                        .initCause(new CertPathBuilderException("unable to find valid certification path")));
        Throwable boring = new SSLException("error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED");

        assertThat(EdgeFault.inWords(jdk))
                .isEqualTo(EdgeFault.inWords(boring))
                .contains("--cacert", "sallyport tunnel authority");
    }

    @Test
    void whoReachesNobodyIsToldSoForBothTransportsAndWhatToLookAt() {
        Throwable nobody = new EdgeDial.Failed(
                EDGE, new PortUnreachableException(), new ConnectException("Connection refused: /127.0.0.1:7844"));

        assertThat(EdgeFault.inWords(nobody))
                .isEqualTo("nothing listens there over UDP; nothing listens there over TCP");
        assertThat(EdgeFault.address(nobody)).contains("127.0.0.1:7844");
        assertThat(EdgeFault.advice(nobody)).contains("is the gateway running", "--edge");
        assertThat(EdgeFault.advice(new CompletionException(new UnknownHostException("gate.example.com"))))
                .contains("--edge", "DNS");
    }

    @Test
    void aCertificateThatIsRefusedOverTcpDoesNotHideBehindSilenceOverUdp() {
        Throwable untrusted = new EdgeDial.Failed(
                EDGE,
                new PortUnreachableException(),
                new SSLException("error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED"));

        assertThat(EdgeFault.inWords(untrusted)).contains("over UDP; ", "--cacert");
        assertThat(EdgeFault.advice(untrusted)).isEmpty();
    }

    @Test
    void whatHasAnotherReasonKeepsItsWords() {
        assertThat(EdgeFault.inWords(new SSLException("handshake timed out"))).isEqualTo("handshake timed out");
        assertThat(EdgeFault.inWords(new SSLException((String) null))).isEqualTo("SSLException");
    }
}
