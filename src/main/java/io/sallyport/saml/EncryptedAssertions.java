package io.sallyport.saml;

import static io.sallyport.saml.SamlNames.ASSERTION;
import static io.sallyport.saml.SamlNames.ENCRYPTION;
import static io.sallyport.saml.SamlNames.ENCRYPTION_11;
import static io.sallyport.saml.SamlNames.SIGNATURE;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Opens encrypted assertions (XML Encryption 1.1): AES-GCM for the content, RSA-OAEP for its key, and nothing that gives an oracle,
 * so no CBC and no PKCS#1 1.5 (SA-12). Values must stand in the document; nothing is referred to or fetched. Every failure is the
 * same failure.
 *
 * <p>These are two calls of the JDK's own ciphers around base64; a library for them would bring references, retrieval and the old
 * algorithms along.
 */
final class EncryptedAssertions {
    private static final Map<String, Integer> CONTENT_KEY_BYTES = Map.of(
            ENCRYPTION_11 + "aes128-gcm", 16,
            ENCRYPTION_11 + "aes192-gcm", 24,
            ENCRYPTION_11 + "aes256-gcm", 32);
    private static final Map<String, String> DIGESTS = Map.of(
            SIGNATURE + "sha1",
            "SHA-1",
            ENCRYPTION + "sha256",
            "SHA-256",
            "http://www.w3.org/2001/04/xmldsig-more#sha384",
            "SHA-384",
            ENCRYPTION + "sha512",
            "SHA-512");
    private static final Map<String, MGF1ParameterSpec> MASKS = Map.of(
            ENCRYPTION_11 + "mgf1sha1", MGF1ParameterSpec.SHA1,
            ENCRYPTION_11 + "mgf1sha256", MGF1ParameterSpec.SHA256,
            ENCRYPTION_11 + "mgf1sha384", MGF1ParameterSpec.SHA384,
            ENCRYPTION_11 + "mgf1sha512", MGF1ParameterSpec.SHA512);
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int MOST_KEYS = 4;

    private EncryptedAssertions() {}

    /** The assertion inside, parsed in the namespaces of where it stood. */
    static Element decrypt(Element encrypted, List<PrivateKey> keys) throws SamlRefused {
        Element data = Elements.only(encrypted, ENCRYPTION, "EncryptedData", SamlProblem.ENCRYPTION);
        Integer keyBytes = CONTENT_KEY_BYTES.get(algorithm(data));
        if (keyBytes == null) {
            throw new SamlRefused(SamlProblem.ENCRYPTION, "content by " + algorithm(data));
        }
        byte[] content = cipherValue(data);
        for (Element encryptedKey : encryptedKeys(encrypted, data)) {
            for (PrivateKey key : keys) {
                byte[] contentKey = unwrap(encryptedKey, key);
                byte[] plain = contentKey == null || contentKey.length != keyBytes ? null : open(contentKey, content);
                if (plain != null) {
                    return inContext(encrypted, plain);
                }
            }
        }
        throw new SamlRefused(SamlProblem.ENCRYPTION, "opens with no key of ours");
    }

    /** Beside the data or in its KeyInfo: both are in use. */
    private static List<Element> encryptedKeys(Element encrypted, Element data) throws SamlRefused {
        List<Element> found = new ArrayList<>(Elements.children(encrypted, ENCRYPTION, "EncryptedKey"));
        for (Element info : Elements.children(data, SIGNATURE, "KeyInfo")) {
            found.addAll(Elements.children(info, ENCRYPTION, "EncryptedKey"));
        }
        if (found.isEmpty() || found.size() > MOST_KEYS) {
            throw new SamlRefused(SamlProblem.ENCRYPTION, found.size() + " keys");
        }
        return found;
    }

    private static byte @Nullable [] unwrap(Element encryptedKey, PrivateKey key) throws SamlRefused {
        OAEPParameterSpec padding = padding(encryptedKey);
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, padding);
            return cipher.doFinal(cipherValue(encryptedKey));
        } catch (GeneralSecurityException notForThisKey) {
            return null;
        }
    }

    private static OAEPParameterSpec padding(Element encryptedKey) throws SamlRefused {
        Element method = Elements.only(encryptedKey, ENCRYPTION, "EncryptionMethod", SamlProblem.ENCRYPTION);
        String algorithm = algorithm(encryptedKey);
        boolean fixedMask = algorithm.equals(ENCRYPTION + "rsa-oaep-mgf1p");
        if (!fixedMask && !algorithm.equals(ENCRYPTION_11 + "rsa-oaep")) {
            throw new SamlRefused(SamlProblem.ENCRYPTION, "key by " + algorithm);
        }
        Element digest = Elements.child(method, SIGNATURE, "DigestMethod", SamlProblem.ENCRYPTION)
                .orElse(null);
        Element mask = Elements.child(method, ENCRYPTION_11, "MGF", SamlProblem.ENCRYPTION)
                .orElse(null);
        String hash = digest == null ? "SHA-1" : DIGESTS.get(Elements.attribute(digest, "Algorithm"));
        MGF1ParameterSpec generator =
                fixedMask || mask == null ? MGF1ParameterSpec.SHA1 : MASKS.get(Elements.attribute(mask, "Algorithm"));
        if (hash == null || generator == null) {
            throw new SamlRefused(SamlProblem.ENCRYPTION, "an unknown hash");
        }
        return new OAEPParameterSpec(hash, "MGF1", generator, PSource.PSpecified.DEFAULT);
    }

    private static byte @Nullable [] open(byte[] contentKey, byte[] content) {
        if (content.length <= IV_BYTES) {
            return null;
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(contentKey, "AES"),
                    new GCMParameterSpec(TAG_BITS, content, 0, IV_BYTES));
            return cipher.doFinal(content, IV_BYTES, content.length - IV_BYTES);
        } catch (GeneralSecurityException forged) {
            return null;
        }
    }

    private static String algorithm(Element holder) throws SamlRefused {
        Element method = Elements.only(holder, ENCRYPTION, "EncryptionMethod", SamlProblem.ENCRYPTION);
        return String.valueOf(Elements.attribute(method, "Algorithm"));
    }

    private static byte[] cipherValue(Element holder) throws SamlRefused {
        Element data = Elements.only(holder, ENCRYPTION, "CipherData", SamlProblem.ENCRYPTION);
        Element value = Elements.only(data, ENCRYPTION, "CipherValue", SamlProblem.ENCRYPTION);
        try {
            return Base64.getDecoder()
                    .decode(Elements.text(value, SamlProblem.ENCRYPTION)
                            .replaceAll("\\s+", "")
                            .getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new SamlRefused(SamlProblem.ENCRYPTION, "not base64");
        }
    }

    /** XML Encryption §4.4: prefixes may be declared by what surrounds the encrypted element. */
    private static Element inContext(Element encrypted, byte[] plain) throws SamlRefused {
        ByteArrayOutputStream wrapped = new ByteArrayOutputStream();
        StringBuilder start = new StringBuilder("<context");
        namespaces(encrypted)
                .forEach((name, uri) -> start.append(' ')
                        .append(name)
                        .append("=\"")
                        .append(AsciiXml.attribute(uri))
                        .append('"'));
        wrapped.writeBytes(start.append('>').toString().getBytes(StandardCharsets.UTF_8));
        wrapped.writeBytes(plain);
        wrapped.writeBytes("</context>".getBytes(StandardCharsets.UTF_8));
        Element context = StrictXml.message(wrapped.toByteArray());
        if (Elements.children(context).size() != 1) {
            throw new SamlRefused(SamlProblem.STRUCTURE, "more than an assertion was encrypted");
        }
        return Elements.only(context, ASSERTION, "Assertion", SamlProblem.ENCRYPTION);
    }

    private static Map<String, String> namespaces(Element element) {
        Map<String, String> declared = new LinkedHashMap<>();
        for (Node node = element; node instanceof Element each; node = node.getParentNode()) {
            for (int i = 0; i < each.getAttributes().getLength(); i++) {
                Node attribute = each.getAttributes().item(i);
                if ("http://www.w3.org/2000/xmlns/".equals(attribute.getNamespaceURI())) {
                    declared.putIfAbsent(attribute.getNodeName(), attribute.getNodeValue());
                }
            }
        }
        return declared;
    }
}
