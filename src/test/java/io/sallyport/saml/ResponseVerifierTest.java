package io.sallyport.saml;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.saml.ResponseVerifier.Expected;
import io.sallyport.saml.ResponseVerifier.Result;
import io.sallyport.testkit.SamlIdp;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The SAML section of the threat model, attack by attack (SA-01 to SA-12). Replay and RelayState are whole-server tests. */
class ResponseVerifierTest {
    private static final String CALLBACK = "https://team.example.com/cdn-cgi/access/callback";
    private static final String REQUEST = "_request";
    private static final Instant NOW = Instant.parse("2026-11-27T10:00:00Z");
    private static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";
    private static final String SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    private static final SamlIdp IDP = SamlIdp.rsa();
    private static final SamlIdp STRANGER = SamlIdp.rsa();
    private static final SamlIdp OURS = SamlIdp.rsa();

    private static Expected expected() {
        return new Expected(
                SamlIdp.ISSUER,
                List.of(IDP.certificate()),
                CALLBACK,
                REQUEST,
                List.of(OURS.keys().getPrivate()));
    }

    private static SamlIdp.Response good() {
        return IDP.response(CALLBACK, REQUEST, NOW);
    }

    private static Result verify(SamlIdp.Response response) {
        return ResponseVerifier.verify(response.encoded(), expected(), NOW);
    }

    private static Assertion accepted(SamlIdp.Response response) {
        Result result = verify(response);
        assertThat(result).isInstanceOf(Result.Verified.class);
        return ((Result.Verified) result).assertion();
    }

    private static void refused(SamlProblem problem, SamlIdp.Response response) {
        assertThat(verify(response))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.problem())
                                .as(refused.detail())
                                .isEqualTo(problem));
    }

    @Test
    void aResponseIsAcceptedWhicheverOfTheTwoIsSigned() {
        for (boolean response : List.of(true, false)) {
            Assertion assertion = accepted(good().signed(response, true));
            assertThat(assertion.nameId()).isEqualTo("ada@example.com");
            assertThat(assertion.emailNameId()).contains("ada@example.com");
            assertThat(assertion.attributes())
                    .containsEntry("groups", List.of("engineers", "owls"))
                    .containsEntry("department", List.of("research"));
        }
        assertThat(accepted(good().signed(true, false)).attributes()).containsEntry("name", List.of("Ada"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa-sha256", "rsa-sha384", "rsa-sha512"})
    void theUsualAlgorithmsAreAccepted(String algorithm) {
        assertThat(accepted(good().algorithm(MORE + algorithm, SHA256)).nameId())
                .isEqualTo("ada@example.com");
    }

    @Test
    void ellipticCurvesAreAccepted() {
        SamlIdp curve = SamlIdp.with("EC", 256);
        Expected expected = new Expected(SamlIdp.ISSUER, List.of(curve.certificate()), CALLBACK, REQUEST, List.of());
        assertThat(ResponseVerifier.verify(
                        curve.response(CALLBACK, REQUEST, NOW)
                                .algorithm(MORE + "ecdsa-sha256", SHA256)
                                .encoded(),
                        expected,
                        NOW))
                .isInstanceOf(Result.Verified.class);
    }

    @Test
    void duringARotationBothCertificatesCountWithAndWithoutKeyInfo() {
        Expected both = new Expected(
                SamlIdp.ISSUER, List.of(STRANGER.certificate(), IDP.certificate()), CALLBACK, REQUEST, List.of());
        assertThat(ResponseVerifier.verify(good().encoded(), both, NOW)).isInstanceOf(Result.Verified.class);
        assertThat(ResponseVerifier.verify(good().embed(null).encoded(), both, NOW))
                .isInstanceOf(Result.Verified.class);
    }

    /** The eight classic wrappings (Somorovsky et al. 2012), each moving the signed original somewhere else. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void sa01WrappingIsRefused(int variant) {
        boolean response = variant <= 2;
        refused(SamlProblem.STRUCTURE, good().signed(response, !response).sent(xml -> Wrapping.apply(variant, xml)));
    }

    @Test
    void sa01WrappingIntoTheSignatureOfTheForgeryIsRefused() {
        refused(
                SamlProblem.STRUCTURE,
                good().sent(xml -> change(xml, document -> {
                    Element original = assertion(document);
                    Element forged = forgery(original);
                    Element signature = child(original, "Signature");
                    original.getParentNode().replaceChild(forged, original);
                    forged.insertBefore(signature, child(forged, "Subject"));
                    original.getParentNode();
                    child(signature, "KeyInfo").appendChild(original);
                })));
    }

    @Test
    void sa01TheSignatureOfAnotherElementDoesNotServeAForgery() {
        SamlIdp.Response signedTwice = good().sent(xml -> change(xml, document -> {
            Element forged = assertion(document);
            child(forged, "Subject")
                    .getElementsByTagNameNS(SamlNames.ASSERTION, "NameID")
                    .item(0)
                    .setTextContent("root@example.com");
        }));
        refused(SamlProblem.SIGNATURE, signedTwice);
        refused(
                SamlProblem.SIGNATURE,
                good().sent(xml -> change(xml, document -> assertion(document).setAttribute("ID", "_evil"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Extensions", "Status", "Issuer"})
    void sa02ASecondAssertionAnywhereIsRefused(String holder) {
        refused(
                SamlProblem.STRUCTURE,
                good().sent(xml -> change(xml, document -> {
                    Element forged = forgery(assertion(document));
                    Element place = holder.equals("Extensions")
                            ? (Element) document.getDocumentElement()
                                    .insertBefore(
                                            document.createElementNS(SamlNames.PROTOCOL, "samlp:Extensions"),
                                            child(document.getDocumentElement(), "Status"))
                            : child(document.getDocumentElement(), holder);
                    place.appendChild(forged);
                })));
    }

    @Test
    void sa02TwoAssertionsAreRefusedEvenWhenBothAreSigned() {
        String other = good().nameId("bob@example.com").xml();
        refused(
                SamlProblem.STRUCTURE,
                good().sent(xml -> change(
                        xml,
                        document -> document.getDocumentElement()
                                .appendChild(document.importNode(assertion(SamlIdp.parse(other)), true)))));
    }

    @Test
    void sa02OneIdTwiceIsRefusedInWhateverSpelling() {
        for (String name : List.of("ID", "Id", "id", "xml:id")) {
            refused(
                    SamlProblem.STRUCTURE,
                    good().sent(xml -> change(xml, document -> {
                        Element status = child(document.getDocumentElement(), "Status");
                        status.setAttribute(name, assertion(document).getAttribute("ID"));
                    })));
        }
    }

    @Test
    void sa03AnEmbeddedCertificateOfAStrangerIsRefusedHoweverGoodItsSignature() {
        refused(SamlProblem.CERTIFICATE, STRANGER.response(CALLBACK, REQUEST, NOW));
        refused(SamlProblem.SIGNATURE, STRANGER.response(CALLBACK, REQUEST, NOW).embed(null));
        refused(SamlProblem.SIGNATURE, STRANGER.response(CALLBACK, REQUEST, NOW).embed(IDP.certificate()));
    }

    @Test
    void sa03ShortKeysAreRefused() {
        SamlIdp weak = SamlIdp.with("RSA", 1024);
        Expected expected = new Expected(SamlIdp.ISSUER, List.of(weak.certificate()), CALLBACK, REQUEST, List.of());
        assertThat(ResponseVerifier.verify(weak.response(CALLBACK, REQUEST, NOW).encoded(), expected, NOW))
                .isInstanceOf(Result.Refused.class);
    }

    @Test
    void sa03WithoutCertificatesNothingIsEverAccepted() {
        Expected none = new Expected(SamlIdp.ISSUER, List.of(), CALLBACK, REQUEST, List.of());
        assertThat(ResponseVerifier.verify(good().encoded(), none, NOW)).isInstanceOf(Result.Refused.class);
        assertThat(ResponseVerifier.verify(good().signed(false, false).encoded(), none, NOW))
                .isInstanceOf(Result.Refused.class);
    }

    @Test
    void sa04UnsignedAndStrippedResponsesAreRefused() {
        refused(SamlProblem.SIGNATURE, good().signed(false, false));
        refused(
                SamlProblem.SIGNATURE,
                good().sent(xml -> change(xml, document -> {
                    Element signature = child(assertion(document), "Signature");
                    signature.getParentNode().removeChild(signature);
                })));
    }

    @Test
    void sa04ASignatureMovedToWhereItDoesNotPointIsRefused() {
        refused(
                SamlProblem.SIGNATURE,
                good().sent(xml -> change(xml, document -> {
                    Element signature = child(assertion(document), "Signature");
                    document.getDocumentElement()
                            .insertBefore(signature, child(document.getDocumentElement(), "Status"));
                })));
    }

    @Test
    void sa04ABrokenSignatureOfTheResponseIsRefusedAlthoughTheAssertionIsGood() {
        refused(
                SamlProblem.SIGNATURE,
                good().signed(true, true)
                        .sent(xml -> xml.replaceFirst(
                                "status:Success\"/>",
                                "status:Success\"/><samlp:StatusMessage>x</samlp:StatusMessage>")));
    }

    @Test
    void sa05Sha1Md5AndHmacAreRefused() {
        for (SamlIdp.Response weak : List.of(
                good().algorithm("http://www.w3.org/2000/09/xmldsig#rsa-sha1", SHA256),
                good().sent(xml -> xml.replace("rsa-sha256", "rsa-md5")),
                good().algorithm(MORE + "rsa-sha256", "http://www.w3.org/2000/09/xmldsig#sha1"))) {
            assertThat(verify(weak)).isInstanceOf(Result.Refused.class);
        }
        refused(
                SamlProblem.ALGORITHM,
                good().algorithm(MORE + "hmac-sha256", SHA256)
                        .by(new SecretKeySpec(IDP.certificate().getPublicKey().getEncoded(), "HmacSHA256")));
    }

    @Test
    void sa05OtherTransformsAreRefused() {
        String exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
        String enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
        refused(SamlProblem.ALGORITHM, good().transforms(enveloped, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"));
        refused(SamlProblem.ALGORITHM, good().transforms(enveloped));
        refused(SamlProblem.ALGORITHM, good().transforms(enveloped, exclusive, exclusive));
        refused(SamlProblem.ALGORITHM, good().canonical("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"));
        for (String transform : List.of(
                "http://www.w3.org/TR/1999/REC-xslt-19991116",
                "http://www.w3.org/TR/1999/REC-xpath-19991116",
                "http://www.w3.org/2002/06/xmldsig-filter2",
                "http://www.w3.org/2000/09/xmldsig#base64")) {
            Result result = verify(good().sent(xml -> xml.replace(enveloped, transform)));
            assertThat(result).as(transform).isInstanceOf(Result.Refused.class);
        }
    }

    @Test
    void sa05TwoReferencesOrAForeignOneAreRefused() {
        assertThat(verify(good().sent(xml -> xml.replaceFirst("(?s)(<ds:Reference .*?</ds:Reference>)", "$1$1"))))
                .isInstanceOf(Result.Refused.class);
        for (String uri :
                List.of("", "#xpointer(/)", "#_other", "https://idp.example.com/assertion.xml", "file:///etc/passwd")) {
            refused(
                    SamlProblem.SIGNATURE,
                    good().sent(xml -> xml.replaceFirst("URI=\"#[^\"]*\"", "URI=\"" + uri + "\"")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE Response>",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
                "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\">",
                "<!-- -->",
                "<?xml-stylesheet href=\"x\"?>",
                "<?xml version=\"1.1\"?>",
                "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
                "<?xml version=\"1.0\" encoding=\"UTF-7\"?>"
            })
    void sa06WhatIsNotAnElementIsRefusedBeforeParsing(String prologue) {
        refused(SamlProblem.MALFORMED, good().sent(xml -> prologue + xml));
    }

    @Test
    void sa06AnOrdinaryDeclarationIsFine() {
        assertThat(accepted(good().sent(xml -> "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml))
                        .nameId())
                .isEqualTo("ada@example.com");
    }

    @Test
    void sa06DeepLargeAndNonUtf8DocumentsAreRefused() {
        refused(
                SamlProblem.MALFORMED,
                good().sent(xml -> xml.replaceFirst(
                        "<samlp:Status>",
                        "<samlp:Extensions>" + "<a>".repeat(10_000) + "</a>".repeat(10_000)
                                + "</samlp:Extensions><samlp:Status>")));
        refused(
                SamlProblem.TOO_LARGE,
                good().sent(xml -> xml.replaceFirst("<samlp:Status>", " ".repeat(256 * 1024) + "<samlp:Status>")));
        assertThat(ResponseVerifier.verify("A".repeat(10 * 1024 * 1024), expected(), NOW))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.problem()).isEqualTo(SamlProblem.TOO_LARGE));
        String utf16 = Base64.getEncoder().encodeToString(good().xml().getBytes(StandardCharsets.UTF_16));
        assertThat(ResponseVerifier.verify(utf16, expected(), NOW)).isInstanceOf(Result.Refused.class);
        for (String junk : List.of("", "%%%", "PHg+", "PG5vdCB4bWw=", "\u0000")) {
            assertThat(ResponseVerifier.verify(junk, expected(), NOW)).isInstanceOf(Result.Refused.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<!-- -->", "<?pi?>", "<![CDATA[]]>", "<!--", "<x/>"})
    void sa07NothingInsideANameCutsIt(String splitter) {
        Result result = verify(good().draft(xml ->
                        xml.replace(">ada@example.com</saml:NameID>", ">ada@example.com.evil.test</saml:NameID>"))
                .sent(xml -> xml.replace("ada@example.com.evil.test", "ada@example.com" + splitter + ".evil.test")));
        assertThat(result).isInstanceOf(Result.Refused.class);
    }

    @Test
    void sa07AnEntityIsTheCharacterItStandsFor() {
        assertThat(accepted(good().sent(xml -> xml.replaceFirst(
                                ">ada@example.com</saml:NameID>", ">ada&#64;example.com</saml:NameID>")))
                        .nameId())
                .isEqualTo("ada@example.com");
        assertThat(verify(
                        good().sent(xml -> xml.replaceFirst(">ada@example.com</saml:NameID>", ">&ada;</saml:NameID>"))))
                .isInstanceOf(Result.Refused.class);
    }

    @Test
    void sa07SeveralNameIdsAreRefusedAndAttributesThatCameTwiceArePutTogether() {
        refused(
                SamlProblem.SUBJECT,
                good().draft(xml -> xml.replaceFirst(
                        "(<saml:NameID.*?</saml:NameID>)", "$1<saml:NameID>root@example.com</saml:NameID>")));
        Assertion assertion = accepted(good().draft(xml -> xml.replace(
                "</saml:AttributeStatement>",
                "<saml:Attribute Name=\"email\"><saml:AttributeValue>root@example.com</saml:AttributeValue>"
                        + "</saml:Attribute></saml:AttributeStatement>")));
        assertThat(assertion.attributes()).containsEntry("email", List.of("ada@example.com", "root@example.com"));
    }

    @Test
    void sa07AttributesOfOtherNamespacesAreNotIds() {
        refused(
                SamlProblem.SIGNATURE,
                good().sent(xml -> change(xml, document -> {
                    Element assertion = assertion(document);
                    assertion.setAttributeNS("urn:other", "o:ID", assertion.getAttribute("ID"));
                    assertion.setAttribute("ID", "_evil");
                })));
    }

    @Test
    void sa08AnAnswerToAnotherRequestOrToNoneIsRefused() {
        refused(SamlProblem.IN_RESPONSE_TO, IDP.response(CALLBACK, "_another", NOW));
        refused(SamlProblem.IN_RESPONSE_TO, IDP.response(CALLBACK, null, NOW));
        refused(SamlProblem.IN_RESPONSE_TO, good().draft(xml -> xml.replaceFirst(" InResponseTo=\"[^\"]*\"", "")));
        refused(
                SamlProblem.IN_RESPONSE_TO,
                good().draft(xml -> xml.replaceFirst("(SubjectConfirmationData [^>]*) InResponseTo=\"[^\"]*\"", "$1")));
    }

    @Test
    void sa08WhereNoRequestWasMadeAnAnswerToOneIsRefused() {
        Expected unasked = new Expected(SamlIdp.ISSUER, List.of(IDP.certificate()), CALLBACK, null, List.of());
        assertThat(ResponseVerifier.verify(good().encoded(), unasked, NOW)).isInstanceOf(Result.Refused.class);
        assertThat(ResponseVerifier.verify(IDP.response(CALLBACK, null, NOW).encoded(), unasked, NOW))
                .isInstanceOf(Result.Verified.class);
    }

    @Test
    void sa09OtherPlacesAudiencesIssuersAndFailuresAreRefused() {
        refused(SamlProblem.DESTINATION, good().destination("https://other.example.com/acs"));
        refused(SamlProblem.DESTINATION, good().destination(CALLBACK + "/"));
        refused(SamlProblem.DESTINATION, good().draft(xml -> xml.replaceFirst(" Destination=\"[^\"]*\"", "")));
        refused(SamlProblem.RECIPIENT, good().recipient("https://other.example.com/acs"));
        refused(SamlProblem.RECIPIENT, good().draft(xml -> xml.replace("cm:bearer", "cm:holder-of-key")));
        refused(SamlProblem.AUDIENCE, good().audience("https://other.example.com"));
        refused(
                SamlProblem.AUDIENCE,
                good().draft(xml -> xml.replaceAll("<saml:AudienceRestriction>.*</saml:AudienceRestriction>", "")));
        refused(
                SamlProblem.AUDIENCE,
                good().draft(xml ->
                        xml.replace("</saml:Conditions>", "<o:Only xmlns:o=\"urn:other\"/></saml:Conditions>")));
        refused(SamlProblem.ISSUER, good().issuer("https://idp.example.com/saml/"));
        refused(SamlProblem.STATUS, good().status("urn:oasis:names:tc:SAML:2.0:status:Responder"));
        refused(
                SamlProblem.SUBJECT,
                good().draft(xml -> xml.replaceAll("<saml:AuthnStatement.*</saml:AuthnStatement>", "")));
    }

    @Test
    void sa09TimesCountWithAMinuteOfLeeway() {
        Duration minute = Duration.ofMinutes(1);
        assertThat(verify(good().valid(Duration.ofHours(-1), minute.negated().plusSeconds(1))))
                .isInstanceOf(Result.Verified.class);
        refused(SamlProblem.EXPIRED, good().valid(Duration.ofHours(-1), minute.negated()));
        assertThat(verify(good().valid(minute, Duration.ofHours(1)))).isInstanceOf(Result.Verified.class);
        refused(SamlProblem.NOT_YET_VALID, good().valid(minute.plusSeconds(1), Duration.ofHours(1)));
        refused(
                SamlProblem.NOT_YET_VALID,
                IDP.response(CALLBACK, REQUEST, NOW.plusSeconds(90)).valid(Duration.ofHours(-1), Duration.ofHours(1)));
        refused(
                SamlProblem.EXPIRED,
                good().draft(xml -> xml.replace(
                        "<saml:AuthnStatement ",
                        "<saml:AuthnStatement SessionNotOnOrAfter=\"2026-11-27T09:00:00Z\" ")));
        refused(
                SamlProblem.EXPIRED,
                good().draft(xml -> xml.replaceFirst("(Recipient=\"[^\"]*\") NotOnOrAfter=\"[^\"]*\"", "$1")));
    }

    @Test
    void sa12EncryptedAssertionsAreDecryptedAndThenHeldToAllRules() {
        assertThat(accepted(good().encryptedFor(OURS.certificate())).nameId()).isEqualTo("ada@example.com");
        assertThat(accepted(good().signed(true, false).encryptedFor(OURS.certificate()))
                        .nameId())
                .isEqualTo("ada@example.com");
        assertThat(accepted(good().encryptedFor(OURS.certificate())
                                .content("http://www.w3.org/2009/xmlenc11#aes128-gcm"))
                        .nameId())
                .isEqualTo("ada@example.com");
        refused(SamlProblem.SIGNATURE, good().signed(false, false).encryptedFor(OURS.certificate()));
        refused(
                SamlProblem.AUDIENCE,
                good().audience("https://other.example.com").encryptedFor(OURS.certificate()));
        refused(
                SamlProblem.CERTIFICATE,
                STRANGER.response(CALLBACK, REQUEST, NOW).encryptedFor(OURS.certificate()));
    }

    @Test
    void sa12OldCiphersForeignKeysAndBentTextsAreTheSameRefusal() {
        refused(SamlProblem.ENCRYPTION, good().encryptedFor(STRANGER.certificate()));
        refused(
                SamlProblem.ENCRYPTION,
                good().encryptedFor(OURS.certificate())
                        .sent(xml -> xml.replace("xmlenc11#aes256-gcm", "xmlenc#aes256-cbc")));
        refused(
                SamlProblem.ENCRYPTION,
                good().encryptedFor(OURS.certificate())
                        .sent(xml -> xml.replace("xmlenc#rsa-oaep-mgf1p", "xmlenc#rsa-1_5")));
        refused(
                SamlProblem.ENCRYPTION,
                good().encryptedFor(OURS.certificate())
                        .sent(xml -> xml.replaceFirst(
                                "(?s)(</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>)....", "$1AAAA")));
    }

    @Test
    void fiveThousandGroupsFitAndAreRead() {
        String[] groups = new String[5000];
        Arrays.setAll(groups, i -> "g" + i);
        assertThat(accepted(good().attribute("groups", groups).sent(xml -> xml))
                        .attributes()
                        .get("groups"))
                .hasSize(5000);
    }

    @Test
    void theClaimedIssuerIsReadFromWhateverIsThere() {
        assertThat(ResponseVerifier.claimedIssuer(good().encoded())).contains(SamlIdp.ISSUER);
        assertThat(ResponseVerifier.claimedIssuer("junk")).isEmpty();
    }

    /** The classic wrappings by their numbers. */
    private static final class Wrapping {
        static String apply(int variant, String xml) {
            return change(xml, document -> {
                Element response = document.getDocumentElement();
                switch (variant) {
                    case 1, 2 -> wrapResponse(document, response, variant == 1);
                    case 3 -> response.insertBefore(forgery(assertion(document)), assertion(document));
                    case 4 -> {
                        Element original = assertion(document);
                        Element forged = forgery(original);
                        response.replaceChild(forged, original);
                        forged.appendChild(original);
                    }
                    case 5 -> {
                        Element original = assertion(document);
                        Element signature = child(original, "Signature");
                        Element forged = forgery(original);
                        response.replaceChild(forged, original);
                        original.removeChild(signature);
                        forged.insertBefore(signature, child(forged, "Subject"));
                        response.appendChild(original);
                    }
                    case 6 -> {
                        Element original = assertion(document);
                        Element signature = child(original, "Signature");
                        Element forged = forgery(original);
                        response.replaceChild(forged, original);
                        original.removeChild(signature);
                        forged.insertBefore(signature, child(forged, "Subject"));
                        signature.appendChild(original);
                    }
                    case 7 -> {
                        Element extensions = document.createElementNS(SamlNames.PROTOCOL, "samlp:Extensions");
                        response.insertBefore(extensions, child(response, "Status"));
                        extensions.appendChild(forgery(assertion(document)));
                    }
                    default -> {
                        Element original = assertion(document);
                        Element signature = child(original, "Signature");
                        Element forged = forgery(original);
                        response.replaceChild(forged, original);
                        original.removeChild(signature);
                        forged.insertBefore(signature, child(forged, "Subject"));
                        Element object = document.createElementNS(SamlNames.SIGNATURE, "ds:Object");
                        signature.appendChild(object);
                        object.appendChild(original);
                    }
                }
            });
        }

        /** 1 puts the original response behind the signature, 2 in front of it. */
        private static void wrapResponse(Document document, Element response, boolean inside) {
            Element original = (Element) response.cloneNode(true);
            Element originalSignature = child(original, "Signature");
            original.removeChild(originalSignature);
            response.setAttribute("ID", "_evil");
            Element forged = forgery(assertion(document));
            response.replaceChild(forged, assertion(document));
            Element signature = child(response, "Signature");
            if (inside) {
                signature.appendChild(original);
            } else {
                response.insertBefore(original, signature);
            }
        }
    }

    private static Element forgery(Element original) {
        Element forged = (Element) original.cloneNode(true);
        forged.setAttribute("ID", "_evil");
        Element signature = child(forged, "Signature");
        if (signature != null) {
            forged.removeChild(signature);
        }
        forged.getElementsByTagNameNS(SamlNames.ASSERTION, "NameID").item(0).setTextContent("root@example.com");
        return forged;
    }

    private static String change(String xml, Consumer<Document> change) {
        Document document = SamlIdp.parse(xml);
        change.accept(document);
        return SamlIdp.write(document);
    }

    private static Element assertion(Document document) {
        return child(document.getDocumentElement(), "Assertion");
    }

    private static Element child(Element parent, String name) {
        return Elements.children(parent).stream()
                .filter(each ->
                        each.getLocalName() != null && each.getLocalName().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** Kept beside the attacks so that nobody thinks they fail for being mangled by the test's own writer. */
    @Test
    void writingADocumentAnewDoesNotBreakItsSignature() {
        UnaryOperator<String> rewritten = xml -> change(xml, document -> {});
        assertThat(accepted(good().signed(true, true).sent(rewritten)).nameId()).isEqualTo("ada@example.com");
    }

    private static final int ROOM = 190_000;

    private static String filled(IntFunction<String> part) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < ROOM; i++) {
            text.append(part.apply(i));
        }
        return text.toString();
    }

    static Stream<Arguments> laborious() {
        return Stream.of(
                Arguments.of("namespaces", inTag("samlp:Response", filled(i -> " xmlns:n%d=\"u:%d\"".formatted(i, i)))),
                Arguments.of("attributes", inTag("saml:Subject", filled(i -> " a%d=\"\"".formatted(i)))),
                Arguments.of(
                        "elements", inside("saml:AttributeStatement", filled(_ -> "<saml:Attribute Name=\"a\"/>"))),
                Arguments.of("text", inside("saml:AttributeStatement", filled(_ -> "&#38;"))),
                Arguments.of("prefixes to be rendered", (UnaryOperator<String>) xml -> xml.replaceFirst(
                        "(<ds:CanonicalizationMethod [^>]*)/>",
                        "$1><ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\""
                                + filled(i -> "p" + i + " ")
                                + "\"/></ds:CanonicalizationMethod>")),
                Arguments.of("certificates", (UnaryOperator<String>) xml ->
                        xml.replaceFirst("(?s)(<ds:X509Certificate>.*?</ds:X509Certificate>)", "$1".repeat(190))),
                Arguments.of("a signature of a hundred thousand bytes", (UnaryOperator<String>) xml ->
                        xml.replaceFirst("(?s)(<ds:SignatureValue>).*?(</)", "$1" + "QUJD".repeat(ROOM / 4) + "$2")));
    }

    private static UnaryOperator<String> inTag(String tag, String more) {
        return xml -> xml.replaceFirst("<" + tag + "([ >])", "<" + tag + more + "$1");
    }

    private static UnaryOperator<String> inside(String tag, String more) {
        return xml -> xml.replaceFirst("(<" + tag + "[^>]*>)", "$1" + more);
    }

    /** Strangers may post these, so each may cost what an honest one of its size costs, and not its square (DO-04). */
    @ParameterizedTest(name = "{0}")
    @MethodSource("laborious")
    void sa06NoDocumentCostsMoreThanItsSizeAllows(String what, UnaryOperator<String> change) {
        String posted = good().signed(true, true)
                .sent(xml -> {
                    String changed = change.apply(xml);
                    assertThat(changed).as(what).hasSizeGreaterThan(ROOM);
                    return changed;
                })
                .encoded();
        ThreadMXBean clock = ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = clock.getCurrentThreadCpuTime();
            // A certificate a hundred times over is odd and proves no less; all the others are refused.
            boolean accepted = ResponseVerifier.verify(posted, expected(), NOW) instanceof Result.Verified;
            assertThat(accepted).isEqualTo(what.equals("certificates"));
            least = Math.min(least, clock.getCurrentThreadCpuTime() - start);
        }
        assertThat(Duration.ofNanos(least)).isLessThan(Duration.ofMillis(500));
    }
}
