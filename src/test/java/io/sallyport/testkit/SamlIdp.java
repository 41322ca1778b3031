package io.sallyport.testkit;

import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.Text;

/**
 * A SAML identity provider without a server: writes responses, good ones and every kind of bad one, and signs them with the JDK.
 * What it signs and what it sends may differ, because that is what the attacks are about.
 */
public final class SamlIdp {
    /** Its entity id. */
    public static final String ISSUER = "https://idp.example.com/saml";

    private static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";
    private static final String SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
    private static final String PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair keys;
    private final X509Certificate certificate;

    private SamlIdp(KeyPair keys) {
        this.keys = keys;
        this.certificate = certify(keys);
    }

    /** One with a new RSA key of 2048 bits. */
    public static SamlIdp rsa() {
        return new SamlIdp(pair("RSA", 2048));
    }

    /** One with a key of that algorithm and size. */
    public static SamlIdp with(String algorithm, int bits) {
        return new SamlIdp(pair(algorithm, bits));
    }

    /** Its certificate. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Its key pair, for whoever encrypts for it or misuses it. */
    public KeyPair keys() {
        return keys;
    }

    /** The certificate as admins paste it. */
    public String base64() {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its metadata. */
    public String metadata(String destination) {
        return """
                <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s"><!-- a comment -->
                 <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
                  <md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
                   <ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
                  <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="%s"/>
                 </md:IDPSSODescriptor></md:EntityDescriptor>""".formatted(ISSUER, base64(), destination);
    }

    /** A response that a service provider at this address should accept now, when it asked with that id. */
    public Response response(String callback, String inResponseTo, Instant now) {
        return new Response(callback, inResponseTo, now);
    }

    /** A response under construction. Every setter returns it. */
    public final class Response {
        private final Instant now;
        private final Map<String, List<String>> attributes = new LinkedHashMap<>();
        private String callback;
        private String destination;
        private String recipient;
        private String audience;
        private String inResponseTo;
        private String issuer = ISSUER;
        private String nameId = "ada@example.com";
        private String status = "urn:oasis:names:tc:SAML:2.0:status:Success";
        private String assertionId = "_" + UUID.randomUUID();
        private Duration begins = Duration.ofMinutes(-1);
        private Duration ends = Duration.ofMinutes(5);
        private boolean signResponse;
        private boolean signAssertion = true;
        private String signature = MORE + "rsa-sha256";
        private String digest = DigestMethod.SHA256;
        private List<String> transforms = List.of(Transform.ENVELOPED, CanonicalizationMethod.EXCLUSIVE);
        private String canonical = CanonicalizationMethod.EXCLUSIVE;
        private Key key = keys.getPrivate();
        private X509Certificate embedded = certificate;
        private UnaryOperator<String> draft = UnaryOperator.identity();
        private UnaryOperator<String> sent = UnaryOperator.identity();
        private X509Certificate encryptFor;
        private String content = "http://www.w3.org/2009/xmlenc11#aes256-gcm";

        private Response(String callback, String inResponseTo, Instant now) {
            this.callback = callback;
            this.destination = callback;
            this.recipient = callback;
            this.audience = callback;
            this.inResponseTo = inResponseTo;
            this.now = now;
            attributes.put("email", List.of("ada@example.com"));
            attributes.put("name", List.of("Ada"));
            attributes.put("groups", List.of("engineers", "owls"));
            attributes.put("department", List.of("research"));
        }

        public Response destination(String value) {
            destination = value;
            return this;
        }

        public Response recipient(String value) {
            recipient = value;
            return this;
        }

        public Response audience(String value) {
            audience = value;
            return this;
        }

        public Response issuer(String value) {
            issuer = value;
            return this;
        }

        public Response nameId(String value) {
            nameId = value;
            return this;
        }

        public Response status(String value) {
            status = value;
            return this;
        }

        public Response assertionId(String value) {
            assertionId = value;
            return this;
        }

        public Response valid(Duration from, Duration until) {
            begins = from;
            ends = until;
            return this;
        }

        /** Sets one attribute; no value takes it away. */
        public Response attribute(String name, String... values) {
            if (values.length == 0) {
                attributes.remove(name);
            } else {
                attributes.put(name, List.of(values));
            }
            return this;
        }

        /** Which of the two carry a signature. */
        public Response signed(boolean response, boolean assertion) {
            signResponse = response;
            signAssertion = assertion;
            return this;
        }

        public Response algorithm(String signatureAlgorithm, String digestAlgorithm) {
            signature = signatureAlgorithm;
            digest = digestAlgorithm;
            return this;
        }

        public Response transforms(String... algorithms) {
            transforms = List.of(algorithms);
            return this;
        }

        public Response canonical(String algorithm) {
            canonical = algorithm;
            return this;
        }

        public Response by(Key signingKey) {
            key = signingKey;
            return this;
        }

        /** The certificate in KeyInfo; null leaves KeyInfo out. */
        public Response embed(X509Certificate other) {
            embedded = other;
            return this;
        }

        /** Changes the document before anything is signed. */
        public Response draft(UnaryOperator<String> change) {
            draft = change;
            return this;
        }

        /** Changes the signed document on its way. */
        public Response sent(UnaryOperator<String> change) {
            sent = change;
            return this;
        }

        public Response encryptedFor(X509Certificate recipientCertificate) {
            encryptFor = recipientCertificate;
            return this;
        }

        public Response content(String algorithm) {
            content = algorithm;
            return this;
        }

        /** The form field. */
        public String encoded() {
            return Base64.getEncoder().encodeToString(xml().getBytes(StandardCharsets.UTF_8));
        }

        /** The document as it is sent. */
        public String xml() {
            Document document = parse(draft.apply(unsigned()));
            Element response = document.getDocumentElement();
            Element assertion =
                    (Element) response.getElementsByTagNameNS(SAML, "Assertion").item(0);
            if (signAssertion) {
                sign(assertion, "Subject");
            }
            if (encryptFor != null) {
                encrypt(document, assertion);
            }
            if (signResponse) {
                sign(response, "Status");
            }
            return sent.apply(write(document));
        }

        private String unsigned() {
            StringBuilder text = new StringBuilder();
            String answers = inResponseTo == null ? "" : " InResponseTo=\"" + inResponseTo + "\"";
            text.append("<samlp:Response xmlns:samlp=\"" + PROTOCOL + "\" xmlns:saml=\"" + SAML + "\" ID=\"_")
                    .append(UUID.randomUUID())
                    .append("\" Version=\"2.0\" IssueInstant=\"")
                    .append(now)
                    .append("\" Destination=\"")
                    .append(destination)
                    .append('"')
                    .append(answers)
                    .append("><saml:Issuer>")
                    .append(issuer)
                    .append("</saml:Issuer><samlp:Status><samlp:StatusCode Value=\"")
                    .append(status)
                    .append("\"/></samlp:Status><saml:Assertion ID=\"")
                    .append(assertionId)
                    .append("\" Version=\"2.0\" IssueInstant=\"")
                    .append(now)
                    .append("\"><saml:Issuer>")
                    .append(issuer)
                    .append(
                            "</saml:Issuer><saml:Subject><saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">")
                    .append(nameId)
                    .append("</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">")
                    .append("<saml:SubjectConfirmationData Recipient=\"")
                    .append(recipient)
                    .append("\" NotOnOrAfter=\"")
                    .append(now.plus(ends))
                    .append('"')
                    .append(answers)
                    .append("/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"")
                    .append(now.plus(begins))
                    .append("\" NotOnOrAfter=\"")
                    .append(now.plus(ends))
                    .append("\"><saml:AudienceRestriction><saml:Audience>")
                    .append(audience)
                    .append(
                            "</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant=\"")
                    .append(now)
                    .append(
                            "\"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password")
                    .append(
                            "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>");
            attributes.forEach((name, values) -> {
                text.append("<saml:Attribute Name=\"").append(name).append("\">");
                values.forEach(value -> text.append("<saml:AttributeValue>")
                        .append(value.replace("&", "&amp;").replace("<", "&lt;"))
                        .append("</saml:AttributeValue>"));
                text.append("</saml:Attribute>");
            });
            return text.append("</saml:AttributeStatement></saml:Assertion></samlp:Response>")
                    .toString();
        }

        private void sign(Element element, String before) {
            XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
            try {
                List<Transform> list = new ArrayList<>();
                for (String transform : transforms) {
                    list.add(factory.newTransform(transform, (TransformParameterSpec) null));
                }
                var reference = factory.newReference(
                        "#" + element.getAttribute("ID"), factory.newDigestMethod(digest, null), list, null, null);
                var info = factory.newSignedInfo(
                        factory.newCanonicalizationMethod(canonical, (C14NMethodParameterSpec) null),
                        factory.newSignatureMethod(signature, null),
                        List.of(reference));
                var keyInfos = factory.getKeyInfoFactory();
                KeyInfo keyInfo =
                        embedded == null ? null : keyInfos.newKeyInfo(List.of(keyInfos.newX509Data(List.of(embedded))));
                DOMSignContext context = new DOMSignContext(key, element, child(element, before));
                context.setDefaultNamespacePrefix("ds");
                context.setIdAttributeNS(element, null, "ID");
                context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.FALSE);
                factory.newXMLSignature(info, keyInfo).sign(context);
                withoutCarriageReturns(child(element, "Signature"));
            } catch (GeneralSecurityException | MarshalException | XMLSignatureException e) {
                throw new IllegalStateException(e);
            }
        }

        private void encrypt(Document document, Element assertion) {
            try {
                byte[] contentKey = new byte[content.contains("128") ? 16 : 32];
                RANDOM.nextBytes(contentKey);
                byte[] iv = new byte[12];
                RANDOM.nextBytes(iv);
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(contentKey, "AES"), new GCMParameterSpec(128, iv));
                byte[] sealed = cipher.doFinal(write(assertion).getBytes(StandardCharsets.UTF_8));
                byte[] whole = new byte[iv.length + sealed.length];
                System.arraycopy(iv, 0, whole, 0, iv.length);
                System.arraycopy(sealed, 0, whole, iv.length, sealed.length);
                Cipher wrap = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
                wrap.init(Cipher.ENCRYPT_MODE, encryptFor.getPublicKey());
                String encrypted = """
                        <saml:EncryptedAssertion xmlns:saml="%s"><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="%s"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>""".formatted(
                                SAML,
                                content,
                                Base64.getEncoder().encodeToString(wrap.doFinal(contentKey)),
                                Base64.getMimeEncoder().encodeToString(whole));
                Element replacement =
                        (Element) document.importNode(parse(encrypted).getDocumentElement(), true);
                assertion.getParentNode().replaceChild(replacement, assertion);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The JDK breaks base64 lines as MIME does; a later signature around this one must not depend on how that is written. */
    private static void withoutCarriageReturns(Node node) {
        for (var child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Text text) {
                text.setData(text.getData().replace("\r", ""));
            }
            withoutCarriageReturns(child);
        }
    }

    private static Element child(Element parent, String localName) {
        for (var node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getLocalName().equals(localName)) {
                return element;
            }
        }
        throw new IllegalStateException("no " + localName + " in " + parent.getNodeName());
    }

    /** Parses without asking what it is. */
    public static Document parse(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
            return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        } catch (Exception e) {
            throw new IllegalStateException(xml, e);
        }
    }

    /** Writes a node as it stands. */
    public static String write(Node node) {
        try {
            Transformer transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter text = new StringWriter();
            transformer.transform(new DOMSource(node), new StreamResult(text));
            return text.toString();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair pair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate certify(KeyPair pair) {
        try {
            X500Name name = new X500Name("CN=idp.example.com");
            Instant from = Instant.parse("2020-01-01T00:00:00Z");
            return new JcaX509CertificateConverter()
                    .getCertificate(new JcaX509v3CertificateBuilder(
                                    name,
                                    new BigInteger(64, RANDOM).add(BigInteger.ONE),
                                    Date.from(from),
                                    Date.from(from.plus(Duration.ofDays(365))),
                                    name,
                                    pair.getPublic())
                            .build(new JcaContentSignerBuilder("SHA256with"
                                            + (pair.getPublic().getAlgorithm().equals("EC") ? "ECDSA" : "RSA"))
                                    .build(pair.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }
}
