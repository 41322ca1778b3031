package io.sallyport.mtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestClientAuthority.Issued;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What listed proxies write, each in its own way, and what is none of it. */
class ForwardedCertificateTest {
    private static final TestClientAuthority ROOT = TestClientAuthority.root("Root");
    private static final TestClientAuthority SITE = ROOT.intermediate("Site");
    private static final Issued SHOWN = SITE.client("laptop").issue();

    /** Names and values by turns. */
    private static Shown read(String header, String... fields) {
        Map<String, List<String>> all = new HashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            all.merge(fields[i].toLowerCase(Locale.ROOT), List.of(fields[i + 1]), (one, two) -> {
                return Stream.concat(one.stream(), two.stream()).toList();
            });
        }
        return ForwardedCertificate.read(header, name -> all.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()));
    }

    private static String base64(X509Certificate certificate) throws Exception {
        return Base64.getEncoder().encodeToString(certificate.getEncoded());
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.US_ASCII).replace("+", "%20");
    }

    @Test
    void rfc9440_aByteSequenceAndItsChain() throws Exception {
        Shown shown = read(
                "Client-Cert",
                "Client-Cert",
                ":" + SHOWN.der() + ":",
                "Client-Cert-Chain",
                ":" + base64(SITE.certificate()) + ":, :" + base64(ROOT.certificate()) + ":");
        assertThat(shown.chain()).containsExactly(SHOWN.certificate(), SITE.certificate(), ROOT.certificate());
    }

    @Test
    void nginxEscapesPem() {
        assertThat(read("ssl-client-cert", "ssl-client-cert", escaped(SHOWN.pem()))
                        .chain())
                .containsExactly(SHOWN.certificate());
        assertThat(read("X-SSL-Cert", "x-ssl-cert", SHOWN.pem().replace("\n", " "))
                        .chain())
                .as("or writes it on one line")
                .containsExactly(SHOWN.certificate());
    }

    @Test
    void othersWriteBareBase64() {
        assertThat(read("X-SSL-Client-Cert", "X-SSL-Client-Cert", SHOWN.der()).chain())
                .containsExactly(SHOWN.certificate());
    }

    @Test
    void envoyHasFields() {
        String chain = escaped(SHOWN.pem() + SITE.pem());
        assertThat(read(
                                "X-Forwarded-Client-Cert",
                                "X-Forwarded-Client-Cert",
                                "Hash=ab;Cert=\"" + escaped(SHOWN.pem()) + "\";Chain=\"" + chain
                                        + "\";Subject=\"CN=a,OU=b\"")
                        .chain())
                .containsExactly(SHOWN.certificate(), SITE.certificate());
        assertThat(read(
                        "X-Forwarded-Client-Cert",
                        "X-Forwarded-Client-Cert",
                        "Cert=\"" + escaped(SHOWN.pem()) + "\",Cert=\"" + escaped(SHOWN.pem()) + "\""))
                .as("two hops, and nobody says which is ours")
                .isSameAs(Shown.GARBAGE);
        assertThat(read(
                        "X-Forwarded-Client-Cert",
                        "X-Forwarded-Client-Cert",
                        "Cert=\"" + escaped(SHOWN.pem()) + "\";URI=spiffe://a/b;Cert=\"" + escaped(SITE.pem()) + "\""))
                .as("a name in the certificate that looks like a further field")
                .isSameAs(Shown.GARBAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "(null)", "  "})
    void whatProxiesWriteForNobodyIsNobody(String value) {
        assertThat(read("ssl-client-cert", "ssl-client-cert", value)).isSameAs(Shown.NOTHING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "junk",
                "::",
                ":",
                ":AAAA:",
                "-----BEGIN CERTIFICATE-----",
                "%",
                "%zz",
                "-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----"
            })
    void everythingElseIsNone(String value) {
        assertThat(Arrays.asList("Client-Cert", "ssl-client-cert", "X-Forwarded-Client-Cert"))
                .allSatisfy(header -> assertThat(read(header, header, value)).isSameAs(Shown.GARBAGE));
    }

    @Test
    void twoOfThemAreNone() {
        String value = ":" + SHOWN.der() + ":";
        assertThat(read("Client-Cert", "Client-Cert", value, "Client-Cert", value))
                .isSameAs(Shown.GARBAGE);
    }

    @Test
    void onlyTheNamedHeaderIsRead() {
        assertThat(read("ssl-client-cert", "Client-Cert", ":" + SHOWN.der() + ":"))
                .isSameAs(Shown.NOTHING);
    }
}
