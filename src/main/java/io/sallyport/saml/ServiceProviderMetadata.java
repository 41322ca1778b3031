package io.sallyport.saml;

import static io.sallyport.saml.SamlNames.EMAIL_FORMAT;
import static io.sallyport.saml.SamlNames.ENCRYPTION;
import static io.sallyport.saml.SamlNames.ENCRYPTION_11;
import static io.sallyport.saml.SamlNames.METADATA;
import static io.sallyport.saml.SamlNames.POST_BINDING;
import static io.sallyport.saml.SamlNames.PROTOCOL;
import static io.sallyport.saml.SamlNames.SIGNATURE;

import java.util.List;

/**
 * What a provider's admin imports to know us (SAML Metadata §2.4.4).
 *
 * @param callback entity id and address for responses in one
 * @param signsRequests whether the provider may insist on signed requests
 * @param signing PEM certificates of the keys that sign requests, the present one first
 * @param encryption PEM certificates assertions may be encrypted for; none when the provider entry has encryption off
 */
public record ServiceProviderMetadata(
        String callback, boolean signsRequests, List<String> signing, List<String> encryption) {
    /** Copies the lists. */
    public ServiceProviderMetadata {
        signing = List.copyOf(signing);
        encryption = List.copyOf(encryption);
    }

    /**
     * The document; ask again after a day, because signing keys change. Who keeps one certificate only takes the first, or the last as
     * Keycloak does when it imports a client, so the present one stands in both places.
     */
    public String xml() {
        StringBuilder xml = new StringBuilder(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"")
                .append(METADATA)
                .append("\" cacheDuration=\"P1D\" entityID=\"")
                .append(AsciiXml.attribute(callback))
                .append("\">\n<md:SPSSODescriptor AuthnRequestsSigned=\"")
                .append(signsRequests)
                .append("\" WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"")
                .append(PROTOCOL)
                .append("\">\n");
        signing.forEach(pem -> xml.append(key("signing", pem, "")));
        if (signing.size() > 1) {
            xml.append(key("signing", signing.getFirst(), ""));
        }
        encryption.forEach(pem -> xml.append(key(
                "encryption",
                pem,
                "<md:EncryptionMethod Algorithm=\"" + ENCRYPTION_11
                        + "aes256-gcm\"/>\n<md:EncryptionMethod Algorithm=\""
                        + ENCRYPTION_11 + "aes128-gcm\"/>\n<md:EncryptionMethod Algorithm=\"" + ENCRYPTION
                        + "rsa-oaep-mgf1p\"/>\n")));
        return xml.append("<md:NameIDFormat>")
                .append(EMAIL_FORMAT)
                .append("</md:NameIDFormat>\n<md:AssertionConsumerService Binding=\"")
                .append(POST_BINDING)
                .append("\" Location=\"")
                .append(AsciiXml.attribute(callback))
                .append("\" index=\"0\" isDefault=\"true\"/>\n</md:SPSSODescriptor>\n</md:EntityDescriptor>\n")
                .toString();
    }

    private static String key(String use, String pem, String methods) {
        String base64 = pem.replaceAll("-----(BEGIN|END) CERTIFICATE-----", "").strip();
        return "<md:KeyDescriptor use=\"" + use + "\">\n<ds:KeyInfo xmlns:ds=\"" + SIGNATURE
                + "\"><ds:X509Data><ds:X509Certificate>" + base64
                + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\n" + methods + "</md:KeyDescriptor>\n";
    }
}
