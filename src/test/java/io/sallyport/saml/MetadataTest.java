package io.sallyport.saml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sallyport.testkit.SamlIdp;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both directions of introduction: what we read of a provider, and what we tell it. */
class MetadataTest {
    private static final SamlIdp IDP = SamlIdp.rsa();
    private static final String SSO = "https://idp.example.com/sso";
    private static final Instant NOW = Instant.parse("2026-07-01T12:00:00Z");

    private static ProviderMetadata parse(String document) {
        return ProviderMetadata.parse(document, NOW);
    }

    private static String saying(String attributes) {
        return IDP.metadata(SSO).replace("<md:EntityDescriptor ", "<md:EntityDescriptor " + attributes + " ");
    }

    @Test
    void aProvidersMetadataGivesIssuerAddressAndCertificates() {
        ProviderMetadata metadata = parse(IDP.metadata(SSO));
        assertThat(metadata.entityId()).isEqualTo(SamlIdp.ISSUER);
        assertThat(metadata.destination()).isEqualTo(SSO);
        assertThat(metadata.posts()).isFalse();
        assertThat(metadata.certificates()).containsExactly(IDP.base64());
        assertThat(Certificates.parse(metadata.certificates().getFirst())).isEqualTo(IDP.certificate());
    }

    @Test
    void aProviderThatTakesPostsOnlyIsPostedTo() {
        ProviderMetadata metadata = parse(IDP.metadata(SSO).replace("HTTP-Redirect", "HTTP-POST"));
        assertThat(metadata.posts()).isTrue();
    }

    @Test
    void sa03MetadataWithoutASigningKeyIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        parse(IDP.metadata(SSO).replace("<md:KeyDescriptor>", "<md:KeyDescriptor use=\"encryption\">")))
                .withMessageContaining("signing certificates");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "not xml", "<a/>", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"})
    void whatIsNoMetadataIsRefusedWithAReason(String document) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(document)).withMessageStartingWith("must ");
    }

    @Test
    void twoProvidersInOneDocumentAreRefused() {
        String one = IDP.metadata(SSO);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">"
                        + one + one + "</md:EntitiesDescriptor>"))
                .withMessage("must describe exactly one identity provider");
    }

    @Test
    void metadataThatSaysItsTimeIsOverIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(saying("validUntil=\"2026-07-01T12:00:00Z\"")))
                .withMessageContaining("2026-07-01T12:00:00Z");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(saying("validUntil=\"tomorrow\"")))
                .withMessageContaining("validUntil");
        String wrapped = "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\""
                + " validUntil=\"2026-07-01T11:59:59\">" + saying("validUntil=\"2027-01-01T00:00:00Z\"")
                + "</md:EntitiesDescriptor>";
        assertThatIllegalArgumentException().as("the soonest counts").isThrownBy(() -> parse(wrapped));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            quoteCharacter = '~',
            value = {
                "validUntil='2026-07-01T14:00:01+02:00', 2026-07-01T12:00:01Z, -",
                "validUntil='2026-07-02T00:00:00', 2026-07-02T00:00:00Z, -",
                "validUntil='2026-07-02T00:00:00.123Z' cacheDuration='PT6H', 2026-07-02T00:00:00.123Z, PT6H",
                "cacheDuration='P1DT30M', -, PT24H30M",
                "cacheDuration='P1M', -, PT744H",
                "cacheDuration='a while', -, -"
            })
    void metadataTellsHowLongItCounts(String attributes, Instant until, Duration cached) {
        ProviderMetadata metadata = parse(saying(attributes.replace('\'', '"')));
        assertThat(metadata.validUntil()).isEqualTo(until);
        assertThat(metadata.cacheDuration()).isEqualTo(cached);
    }

    @Test
    void certificatesAreReadInEveryUsualSpellingAndWeakOnesRefused() {
        String base64 = IDP.base64();
        String lines =
                Base64.getMimeEncoder().encodeToString(Base64.getDecoder().decode(base64));
        for (String spelling :
                List.of(base64, lines, "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----\n")) {
            assertThat(Certificates.parse(spelling)).isEqualTo(IDP.certificate());
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Certificates.parse(SamlIdp.with("RSA", 1024).base64()))
                .withMessageContaining("2048");
        for (String junk : List.of("", "MIIB", "not base64 !")) {
            assertThatIllegalArgumentException().isThrownBy(() -> Certificates.parse(junk));
        }
    }

    @Test
    void ourMetadataIsWhatItSays() {
        String pem = "-----BEGIN CERTIFICATE-----\n" + IDP.base64() + "\n-----END CERTIFICATE-----\n";
        String callback = "https://team.example.com/cdn-cgi/access/callback";
        String xml = new ServiceProviderMetadata(callback, true, List.of(pem), List.of(pem)).xml();
        var root = SamlIdp.parse(xml).getDocumentElement();
        assertThat(root.getAttribute("entityID")).isEqualTo(callback);
        var descriptor = Elements.children(root).getFirst();
        assertThat(descriptor.getAttribute("AuthnRequestsSigned")).isEqualTo("true");
        assertThat(descriptor.getAttribute("WantAssertionsSigned")).isEqualTo("true");
        assertThat(Elements.children(descriptor, SamlNames.METADATA, "KeyDescriptor"))
                .extracting(key -> key.getAttribute("use"))
                .containsExactly("signing", "encryption");
        assertThat(Elements.children(descriptor, SamlNames.METADATA, "AssertionConsumerService"))
                .singleElement()
                .satisfies(
                        service -> assertThat(service.getAttribute("Location")).isEqualTo(callback));
    }

    @Test
    void whoKeepsOneSigningCertificateKeepsThePresentOneWhicheverTheyTake() {
        String xml = new ServiceProviderMetadata(
                        "https://auth.example.com/cdn-cgi/access/callback", true, List.of("present", "next"), List.of())
                .xml();
        List<String> certificates = Pattern.compile("<ds:X509Certificate>(.*?)</")
                .matcher(xml)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(certificates).containsExactly("present", "next", "present");
    }
}
