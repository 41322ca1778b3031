package io.sallyport.saml;

import static io.sallyport.saml.SamlNames.ASSERTION;
import static io.sallyport.saml.SamlNames.EMAIL_FORMAT;
import static io.sallyport.saml.SamlNames.ENVELOPED;
import static io.sallyport.saml.SamlNames.EXCLUSIVE;
import static io.sallyport.saml.SamlNames.POST_BINDING;
import static io.sallyport.saml.SamlNames.PROTOCOL;
import static io.sallyport.saml.SamlNames.RSA_SHA256;
import static io.sallyport.saml.SamlNames.SHA256;
import static io.sallyport.saml.SamlNames.SIGNATURE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * A request to a provider to authenticate a person (SAML Core §3.4.1). It is written in canonical form, so that signing
 * needs no XML library, and this package no private key: the bytes are signed elsewhere.
 *
 * @param id comes back as InResponseTo; an XML name
 * @param destination where the provider takes requests
 * @param callback where the response is to go, and who we are
 * @param fresh whether the provider must ask for credentials even if it has a session
 */
public record AuthnRequest(String id, String destination, String callback, boolean fresh, Instant now) {
    /** Signs octets by RSA with SHA-256 (PKCS#1 1.5). */
    @FunctionalInterface
    public interface Signer {
        /** The signature. */
        byte[] sign(String ascii);
    }

    /** The query of the HTTP-Redirect binding (SAML Bindings §3.4.4). */
    public String query(String relayState) {
        return "SAMLRequest=" + encode(Base64.getEncoder().encodeToString(deflated(xml("")))) + "&RelayState="
                + encode(relayState);
    }

    /** The same, signed. */
    public String query(String relayState, Signer signer) {
        String signed = query(relayState) + "&SigAlg=" + encode(RSA_SHA256);
        return signed + "&Signature=" + encode(Base64.getEncoder().encodeToString(signer.sign(signed)));
    }

    /** The form field {@code SAMLRequest} of the HTTP-POST binding (SAML Bindings §3.5.4). */
    public String field() {
        return base64(xml(""));
    }

    /** The same, signed. */
    public String field(Signer signer) {
        String info = "<ds:SignedInfo xmlns:ds=\"" + SIGNATURE + "\">"
                + "<ds:CanonicalizationMethod Algorithm=\"" + EXCLUSIVE + "\"></ds:CanonicalizationMethod>"
                + "<ds:SignatureMethod Algorithm=\"" + RSA_SHA256 + "\"></ds:SignatureMethod>"
                + "<ds:Reference URI=\"#" + id + "\"><ds:Transforms>"
                + "<ds:Transform Algorithm=\"" + ENVELOPED + "\"></ds:Transform>"
                + "<ds:Transform Algorithm=\"" + EXCLUSIVE + "\"></ds:Transform></ds:Transforms>"
                + "<ds:DigestMethod Algorithm=\"" + SHA256 + "\"></ds:DigestMethod>"
                + "<ds:DigestValue>" + digest(xml("")) + "</ds:DigestValue></ds:Reference></ds:SignedInfo>";
        String value = Base64.getEncoder().encodeToString(signer.sign(info));
        return base64(xml("<ds:Signature xmlns:ds=\"" + SIGNATURE + "\">" + info + "<ds:SignatureValue>" + value
                + "</ds:SignatureValue></ds:Signature>"));
    }

    private String xml(String signature) {
        return "<samlp:AuthnRequest xmlns:samlp=\"" + PROTOCOL + "\""
                + " AssertionConsumerServiceURL=\"" + AsciiXml.attribute(callback) + "\""
                + " Destination=\"" + AsciiXml.attribute(destination) + "\""
                + (fresh ? " ForceAuthn=\"true\"" : "")
                + " ID=\"" + AsciiXml.attribute(id) + "\""
                + " IssueInstant=\"" + now.truncatedTo(ChronoUnit.SECONDS) + "\""
                + " ProtocolBinding=\"" + POST_BINDING + "\""
                + " Version=\"2.0\">"
                + "<saml:Issuer xmlns:saml=\"" + ASSERTION + "\">" + AsciiXml.text(callback) + "</saml:Issuer>"
                + signature
                + "<samlp:NameIDPolicy AllowCreate=\"true\" Format=\"" + EMAIL_FORMAT + "\"></samlp:NameIDPolicy>"
                + "</samlp:AuthnRequest>";
    }

    private static String base64(String xml) {
        return Base64.getEncoder().encodeToString(xml.getBytes(StandardCharsets.UTF_8));
    }

    private static String digest(String xml) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(xml.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    /** RFC 1951 without the header of RFC 1950. */
    private static byte[] deflated(String xml) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DeflaterOutputStream stream = new DeflaterOutputStream(octets, deflater)) {
            stream.write(xml.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return octets.toByteArray();
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
