package io.sallyport.saml;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.SamlIdp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** Requests as a provider would read them: inflated, and verified by an implementation that is not ours. */
class AuthnRequestTest {
    private static final SamlIdp KEYS = SamlIdp.rsa();
    private static final AuthnRequest REQUEST = new AuthnRequest(
            "_id-1",
            "https://idp.example.com/sso?tenant=a&b=\"c\"",
            "https://team.example.com/cdn-cgi/access/callback",
            true,
            Instant.parse("2026-11-27T10:00:00.123Z"));

    @Test
    void theRedirectBindingIsDeflatedBase64() throws IOException {
        String query = REQUEST.query("state+/=");
        assertThat(parameter(query, "RelayState")).isEqualTo("state+/=");
        Element request = inflated(query);
        assertThat(request.getAttribute("ID")).isEqualTo("_id-1");
        assertThat(request.getAttribute("Destination")).isEqualTo(REQUEST.destination());
        assertThat(request.getAttribute("AssertionConsumerServiceURL")).isEqualTo(REQUEST.callback());
        assertThat(request.getAttribute("ForceAuthn")).isEqualTo("true");
        assertThat(request.getAttribute("IssueInstant")).isEqualTo("2026-11-27T10:00:00Z");
        assertThat(Elements.children(request).getFirst().getTextContent()).isEqualTo(REQUEST.callback());
    }

    @Test
    void theSignatureOfARedirectCoversItsQueryAsItStands() throws GeneralSecurityException {
        String query = REQUEST.query("state", AuthnRequestTest::sign);
        int end = query.indexOf("&Signature=");
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initVerify(KEYS.certificate());
        signature.update(query.substring(0, end).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getDecoder().decode(parameter(query, "Signature"))))
                .isTrue();
        assertThat(parameter(query, "SigAlg")).isEqualTo(SamlNames.RSA_SHA256);
    }

    @Test
    void theSignatureOfAPostIsVerifiedByTheJdk() throws SamlRefused {
        byte[] posted = Base64.getDecoder().decode(REQUEST.field(AuthnRequestTest::sign));
        Element covered = XmlSignatures.verified(StrictXml.message(posted), List.of(KEYS.certificate()));
        assertThat(covered.getAttribute("ID")).isEqualTo("_id-1");
        assertThat(Elements.children(covered))
                .extracting(Element::getLocalName)
                .containsExactly("Issuer", "NameIDPolicy");
    }

    @Test
    void withoutASignerNothingIsSigned() {
        assertThat(new String(Base64.getDecoder().decode(REQUEST.field()), StandardCharsets.UTF_8))
                .startsWith("<samlp:AuthnRequest ")
                .doesNotContain("Signature");
    }

    private static Element inflated(String query) throws IOException {
        byte[] deflated = Base64.getDecoder().decode(parameter(query, "SAMLRequest"));
        try (var stream = new InflaterInputStream(new ByteArrayInputStream(deflated), new Inflater(true))) {
            return SamlIdp.parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8))
                    .getDocumentElement();
        }
    }

    private static String parameter(String query, String name) {
        for (String pair : query.split("&")) {
            if (pair.startsWith(name + "=")) {
                return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
            }
        }
        throw new AssertionError("no " + name + " in " + query);
    }

    private static byte[] sign(String octets) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KEYS.keys().getPrivate());
            signature.update(octets.getBytes(StandardCharsets.US_ASCII));
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
