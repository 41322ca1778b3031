package io.sallyport.saml;

import static io.sallyport.saml.SamlNames.ENCRYPTION;
import static io.sallyport.saml.SamlNames.ENVELOPED;
import static io.sallyport.saml.SamlNames.EXCLUSIVE;
import static io.sallyport.saml.SamlNames.EXCLUSIVE_WITH_COMMENTS;
import static io.sallyport.saml.SamlNames.SHA256;
import static io.sallyport.saml.SamlNames.SIGNATURE;

import java.io.IOException;
import java.io.InputStream;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.crypto.AlgorithmMethod;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.KeySelectorException;
import javax.xml.crypto.KeySelectorResult;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.XMLCryptoContext;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.X509Data;
import org.w3c.dom.Element;

/**
 * Verifies an enveloped signature and hands out what it covers. The result is parsed anew from the octets whose digest was
 * compared: nothing that finds elements by name, position or ID can lead away from them (SA-01), and a signature over anything but
 * its parent is refused (SA-04).
 */
final class XmlSignatures {
    private static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";
    private static final String MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#";
    private static final Set<String> SIGNATURES = Set.of(
            MORE + "rsa-sha256",
            MORE + "rsa-sha384",
            MORE + "rsa-sha512",
            MORE + "ecdsa-sha256",
            MORE + "ecdsa-sha384",
            MORE + "ecdsa-sha512",
            MORE_2007 + "sha256-rsa-MGF1",
            MORE_2007 + "sha384-rsa-MGF1",
            MORE_2007 + "sha512-rsa-MGF1");
    private static final Set<String> DIGESTS = Set.of(SHA256, MORE + "sha384", ENCRYPTION + "sha512");
    private static final Set<String> CANONICAL = Set.of(EXCLUSIVE, EXCLUSIVE_WITH_COMMENTS);
    private static final XMLSignatureFactory FACTORY = XMLSignatureFactory.getInstance("DOM");

    private XmlSignatures() {}

    /** Whether the element carries a signature of its own. */
    static boolean signed(Element element) throws SamlRefused {
        return Elements.child(element, SIGNATURE, "Signature", SamlProblem.STRUCTURE)
                .isPresent();
    }

    /** The content covered by the signature inside an element, which must be that element. */
    static Element verified(Element element, List<X509Certificate> configured) throws SamlRefused {
        Element signature = Elements.only(element, SIGNATURE, "Signature", SamlProblem.SIGNATURE);
        String id = Elements.attribute(element, "ID");
        if (id == null || id.isEmpty()) {
            throw new SamlRefused(SamlProblem.STRUCTURE, "signed, but without ID");
        }
        try {
            byte[] octets = digested(element, signature, id, configured);
            Element covered = StrictXml.message(octets);
            if (!Elements.is(covered, element.getNamespaceURI(), element.getLocalName())
                    || !id.equals(Elements.attribute(covered, "ID"))) {
                throw new SamlRefused(SamlProblem.SIGNATURE, "covers another element");
            }
            return covered;
        } catch (MarshalException | XMLSignatureException | IOException | ClassCastException e) {
            throw new SamlRefused(SamlProblem.SIGNATURE, "cannot be verified");
        }
    }

    private static byte[] digested(Element element, Element signature, String id, List<X509Certificate> configured)
            throws SamlRefused, MarshalException, XMLSignatureException, IOException {
        XMLSignature described = FACTORY.unmarshalXMLSignature(context(element, signature, KeySelectors.NONE));
        requireAllowed(described, id);
        for (X509Certificate certificate : candidates(described, configured)) {
            DOMValidateContext context =
                    context(element, signature, KeySelector.singletonKeySelector(certificate.getPublicKey()));
            XMLSignature candidate = FACTORY.unmarshalXMLSignature(context);
            if (fits(candidate, certificate) && candidate.validate(context)) {
                Reference reference = candidate.getSignedInfo().getReferences().getFirst();
                try (InputStream octets = reference.getDigestInputStream()) {
                    return octets.readAllBytes();
                }
            }
        }
        throw new SamlRefused(SamlProblem.SIGNATURE, "by no configured certificate");
    }

    private static DOMValidateContext context(Element element, Element signature, KeySelector keys) {
        DOMValidateContext context = new DOMValidateContext(keys, signature);
        context.setProperty("org.jcp.xml.dsig.secureValidation", true);
        context.setProperty("javax.xml.crypto.dsig.cacheReference", true);
        context.setIdAttributeNS(element, null, "ID");
        return context;
    }

    private static void requireAllowed(XMLSignature signature, String id) throws SamlRefused {
        String algorithm = signature.getSignedInfo().getSignatureMethod().getAlgorithm();
        String canonical = signature.getSignedInfo().getCanonicalizationMethod().getAlgorithm();
        if (!SIGNATURES.contains(algorithm) || !CANONICAL.contains(canonical)) {
            throw new SamlRefused(SamlProblem.ALGORITHM, algorithm + " over " + canonical);
        }
        List<Reference> references = signature.getSignedInfo().getReferences();
        if (references.size() != 1 || !signature.getObjects().isEmpty()) {
            throw new SamlRefused(SamlProblem.SIGNATURE, "not exactly one reference");
        }
        Reference reference = references.getFirst();
        if (!("#" + id).equals(reference.getURI())) {
            throw new SamlRefused(SamlProblem.SIGNATURE, "refers to something else");
        }
        List<String> transforms =
                reference.getTransforms().stream().map(Transform::getAlgorithm).toList();
        if (!DIGESTS.contains(reference.getDigestMethod().getAlgorithm())
                || transforms.size() != 2
                || !transforms.getFirst().equals(ENVELOPED)
                || !CANONICAL.contains(transforms.getLast())) {
            throw new SamlRefused(SamlProblem.ALGORITHM, "a digest or transform that is not allowed");
        }
    }

    /** An embedded certificate may at most choose among the configured ones (SA-03). */
    private static List<X509Certificate> candidates(XMLSignature signature, List<X509Certificate> configured)
            throws SamlRefused {
        List<Object> embedded = new ArrayList<>();
        if (signature.getKeyInfo() != null) {
            signature.getKeyInfo().getContent().stream()
                    .filter(X509Data.class::isInstance)
                    .map(X509Data.class::cast)
                    .flatMap(data -> data.getContent().stream())
                    .filter(X509Certificate.class::isInstance)
                    .forEach(embedded::add);
        }
        List<X509Certificate> candidates = embedded.isEmpty()
                ? configured
                : configured.stream().filter(embedded::contains).toList();
        if (candidates.isEmpty()) {
            throw new SamlRefused(SamlProblem.CERTIFICATE, "by a certificate that is not configured");
        }
        return candidates;
    }

    /** Whether the key is of the kind the algorithm is for; another kind is an exception in some providers. */
    private static boolean fits(XMLSignature signature, X509Certificate certificate) {
        boolean curve =
                signature.getSignedInfo().getSignatureMethod().getAlgorithm().contains("ecdsa");
        return Certificates.strong(certificate.getPublicKey())
                && certificate.getPublicKey().getAlgorithm().equals(curve ? "EC" : "RSA");
    }

    /** For reading a signature without verifying it. */
    private static final class KeySelectors extends KeySelector {
        static final KeySelector NONE = new KeySelectors();

        @Override
        public KeySelectorResult select(KeyInfo info, Purpose purpose, AlgorithmMethod method, XMLCryptoContext context)
                throws KeySelectorException {
            throw new KeySelectorException("no key is chosen here");
        }
    }
}
