package io.sallyport.saml;

import static io.sallyport.saml.SamlNames.ASSERTION;
import static io.sallyport.saml.SamlNames.PROTOCOL;
import static io.sallyport.saml.SamlNames.SIGNATURE;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Verifies a SAML response that a browser posted (SAML Core §3.3.3, Profiles §4.1.4).
 *
 * <p>In this order: the document's structure, so that there are no unexpected elements and no duplicate IDs; the
 * signature of the response, if it has one; decryption; the signature of the assertion, if it has one; at least one of
 * the two. From there on only trees are read that were parsed from digested octets, so that it does not matter what the
 * rest of the document looks like. Last, the assertion is compared with what this login expects.
 */
public final class ResponseVerifier {
    private static final int LONGEST_BASE64 = StrictXml.LARGEST * 3 / 2;
    private static final Set<String> RESPONSE_PARTS = Set.of("Issuer", "Signature", "Extensions", "Status");

    private ResponseVerifier() {}

    /**
     * What this login's response must say.
     *
     * @param issuer the provider's entity id, to the letter
     * @param certificates the configured ones: several while the provider changes keys
     * @param callback our address for responses, which is our entity id too
     * @param inResponseTo the id of the request of this browser; null takes only responses that answer no request (SA-08)
     * @param decryption our keys for encrypted assertions, the newest first
     */
    public record Expected(
            String issuer,
            List<X509Certificate> certificates,
            String callback,
            @Nullable String inResponseTo,
            List<PrivateKey> decryption) {
        /** Copies the lists. */
        public Expected {
            certificates = List.copyOf(certificates);
            decryption = List.copyOf(decryption);
        }
    }

    /** The outcome. */
    public sealed interface Result {
        /** Genuine, for us, for this login, in time. */
        record Verified(Assertion assertion) implements Result {}

        /** Anything else. The detail is for the log and holds nothing of the document but names of algorithms and times. */
        record Refused(SamlProblem problem, String detail) implements Result {}
    }

    /**
     * Verifies; never throws, whatever was posted.
     *
     * @param encoded the form field {@code SAMLResponse}
     */
    public static Result verify(String encoded, Expected expected, Instant now) {
        try {
            return new Result.Verified(verified(decode(encoded), expected, now));
        } catch (SamlRefused refused) {
            return new Result.Refused(refused.problem(), String.valueOf(refused.getMessage()));
        }
    }

    /**
     * The issuer that a response claims, unverified: only for choosing the configured provider whose certificates must
     * then verify it.
     */
    public static Optional<String> claimedIssuer(String encoded) {
        try {
            Element response = StrictXml.message(decode(encoded));
            Optional<Element> issuer = Elements.child(response, ASSERTION, "Issuer", SamlProblem.ISSUER);
            return issuer.isEmpty() ? Optional.empty() : Optional.of(Elements.text(issuer.get(), SamlProblem.ISSUER));
        } catch (SamlRefused refused) {
            return Optional.empty();
        }
    }

    /** Base64 with line breaks, as RFC 2045 writes it and some providers do; no other foreign characters. */
    private static byte[] decode(String encoded) throws SamlRefused {
        if (encoded.length() > LONGEST_BASE64) {
            throw new SamlRefused(SamlProblem.TOO_LARGE, encoded.length() + " characters");
        }
        try {
            return Base64.getDecoder()
                    .decode(encoded.replaceAll("[\\r\\n\\t ]+", "").getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new SamlRefused(SamlProblem.MALFORMED, "not base64");
        }
    }

    private static Assertion verified(byte[] octets, Expected expected, Instant now) throws SamlRefused {
        Element posted = StrictXml.message(octets);
        requireShape(posted);
        boolean responseSigned = XmlSignatures.signed(posted);
        Element response = responseSigned ? XmlSignatures.verified(posted, expected.certificates()) : posted;
        requireEnvelope(response, expected, now);

        Element assertion = only(posted, "Assertion");
        if (assertion == null) {
            Element encrypted = Elements.only(response, ASSERTION, "EncryptedAssertion", SamlProblem.STRUCTURE);
            assertion = EncryptedAssertions.decrypt(encrypted, expected.decryption());
            requireSingle(assertion);
        } else if (!XmlSignatures.signed(assertion)) {
            assertion = Elements.only(response, ASSERTION, "Assertion", SamlProblem.STRUCTURE);
        }
        if (XmlSignatures.signed(assertion)) {
            assertion = XmlSignatures.verified(assertion, expected.certificates());
        } else if (!responseSigned) {
            throw new SamlRefused(SamlProblem.SIGNATURE, "nothing is signed");
        }
        requireSingle(assertion);
        return new AssertionReader(assertion, expected, now).read();
    }

    private static @Nullable Element only(Element response, String name) throws SamlRefused {
        return Elements.child(response, ASSERTION, name, SamlProblem.STRUCTURE).orElse(null);
    }

    /** One response, one assertion as its child, signatures in their places only, no ID twice (SA-02). */
    private static void requireShape(Element response) throws SamlRefused {
        if (!Elements.is(response, PROTOCOL, "Response")) {
            throw structure("not a response");
        }
        int assertions = 0;
        for (Element child : Elements.children(response)) {
            boolean assertion =
                    Elements.is(child, ASSERTION, "Assertion") || Elements.is(child, ASSERTION, "EncryptedAssertion");
            assertions += assertion ? 1 : 0;
            if (!assertion && !RESPONSE_PARTS.contains(child.getLocalName())) {
                throw structure("a part no response has");
            }
        }
        List<Element> all = Elements.all(response);
        if (assertions != 1
                || count(all, "assertion") + count(all, "encryptedassertion") != 1
                || count(all, "response") != 1) {
            throw structure("not exactly one assertion");
        }
        requireSignaturesInPlace(all);
        requireUniqueIds(all);
    }

    /** A decrypted or verified assertion holds no further one, and no signature but its own. */
    private static void requireSingle(Element assertion) throws SamlRefused {
        List<Element> all = Elements.all(assertion);
        if (!Elements.is(assertion, ASSERTION, "Assertion")
                || count(all, "assertion") + count(all, "encryptedassertion") + count(all, "response") != 1) {
            throw structure("an assertion within an assertion");
        }
        requireSignaturesInPlace(all);
        requireUniqueIds(all);
    }

    /** In any namespace and letter case, because another parser could accept it. */
    private static long count(List<Element> all, String localName) {
        return all.stream()
                .filter(element ->
                        element.getLocalName().toLowerCase(Locale.ROOT).equals(localName))
                .count();
    }

    private static void requireSignaturesInPlace(List<Element> all) throws SamlRefused {
        for (Element element : all) {
            Node parent = element.getParentNode();
            boolean inPlace = parent instanceof Element holder
                    && (Elements.is(holder, PROTOCOL, "Response") || Elements.is(holder, ASSERTION, "Assertion"));
            if (element.getLocalName().equals("Signature")
                    && !(inPlace && SIGNATURE.equals(element.getNamespaceURI()))) {
                throw structure("a signature in another place");
            }
        }
    }

    private static void requireUniqueIds(List<Element> all) throws SamlRefused {
        Set<String> seen = new HashSet<>();
        for (Element element : all) {
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                Attr attribute = (Attr) element.getAttributes().item(i);
                String name = attribute.getLocalName();
                if (name != null && name.equalsIgnoreCase("id") && !seen.add(attribute.getValue())) {
                    throw structure("one ID twice");
                }
            }
        }
    }

    private static void requireEnvelope(Element response, Expected expected, Instant now) throws SamlRefused {
        if (!"2.0".equals(Elements.attribute(response, "Version"))) {
            throw structure("another version");
        }
        Element status = Elements.only(response, PROTOCOL, "Status", SamlProblem.STATUS);
        Element code = Elements.only(status, PROTOCOL, "StatusCode", SamlProblem.STATUS);
        if (!SamlNames.SUCCESS.equals(Elements.attribute(code, "Value"))) {
            throw new SamlRefused(SamlProblem.STATUS, "not a success");
        }
        Optional<Element> issuer = Elements.child(response, ASSERTION, "Issuer", SamlProblem.ISSUER);
        if (issuer.isPresent()) {
            AssertionReader.requireIssuer(issuer.get(), expected.issuer());
        }
        if (!expected.callback().equals(Elements.attribute(response, "Destination"))) {
            throw new SamlRefused(SamlProblem.DESTINATION, "another destination");
        }
        AssertionReader.requireNotAhead(Elements.attribute(response, "IssueInstant"), now);
        requireAnswer(Elements.attribute(response, "InResponseTo"), expected.inResponseTo());
    }

    /** Answers exactly the request that was made, and no request when none was (SA-08). */
    static void requireAnswer(@Nullable String inResponseTo, @Nullable String request) throws SamlRefused {
        if (request == null ? inResponseTo != null : !request.equals(inResponseTo)) {
            throw new SamlRefused(SamlProblem.IN_RESPONSE_TO, "not an answer to this login");
        }
    }

    private static SamlRefused structure(String detail) {
        return new SamlRefused(SamlProblem.STRUCTURE, detail);
    }
}
