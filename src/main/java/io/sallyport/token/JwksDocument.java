package io.sallyport.token;

import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer of {@code /cdn-cgi/access/certs}: a JWK set that also carries the keys as
 * certificates. Built once per change of keys and then only copied out, because some validators fetch it at every request.
 */
public final class JwksDocument {
    /**
     * How long validators may keep it. A key is published for longer than this before it signs ({@link KeyRotation}); the shorter
     * it is, the sooner a rotation by hand can take effect.
     */
    static final Duration MAX_AGE = Duration.ofMinutes(10);

    private final byte[] body;
    private final String etag;
    private final Instant from;
    private final Instant until;

    private JwksDocument(byte[] body, Instant from, Instant until) {
        this.body = body;
        this.etag = '"' + StrictBase64.encode(Arrays.copyOf(Sha256.of(body), 15)) + '"';
        this.from = from;
        this.until = until;
    }

    static JwksDocument of(KeyRing ring, Instant now) {
        List<KeyRing.Entry> published = ring.published(now);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("keys", published.stream().map(JwksDocument::jwk).toList());
        document.put("public_cert", certificate(published.getFirst()));
        document.put(
                "public_certs",
                published.stream().map(JwksDocument::certificate).toList());
        return new JwksDocument(
                JSONObjectUtils.toJSONString(document).getBytes(StandardCharsets.UTF_8), now, ring.changesAfter(now));
    }

    private static Map<String, Object> jwk(KeyRing.Entry entry) {
        SigningKey key = entry.key();
        Map<String, Object> jwk = new LinkedHashMap<>();
        jwk.put("kid", key.kid());
        jwk.put("kty", "RSA");
        jwk.put("alg", "RS256");
        jwk.put("use", "sig");
        jwk.put("e", Base64URL.encode(key.publicKey().getPublicExponent()).toString());
        jwk.put("n", Base64URL.encode(key.publicKey().getModulus()).toString());
        return jwk;
    }

    private static Map<String, Object> certificate(KeyRing.Entry entry) {
        Map<String, Object> certificate = new LinkedHashMap<>();
        certificate.put("kid", entry.key().kid());
        certificate.put("cert", entry.key().certificatePem());
        return certificate;
    }

    /** Whether this is still the document at that moment. */
    boolean describes(Instant now) {
        return !now.isBefore(from) && now.isBefore(until);
    }

    /** UTF-8 JSON; a copy. */
    public byte[] body() {
        return body.clone();
    }

    /** A strong entity tag, quoted. */
    public String etag() {
        return etag;
    }

    /** For the answer's {@code Cache-Control}. */
    public String cacheControl() {
        return "public, max-age=" + MAX_AGE.toSeconds();
    }
}
