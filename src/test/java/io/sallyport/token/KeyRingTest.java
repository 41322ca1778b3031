package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.sallyport.testkit.TestKeys;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeyRingTest {
    private static final Instant NOW = TestKeys.START;
    private static final Instant TAKEOVER = NOW.plus(Duration.ofDays(1));
    private static final Instant END = TAKEOVER.plus(Duration.ofDays(7));

    private final KeyRing ring = KeyRing.of(List.of(
            new KeyRing.Entry(TestKeys.NEXT, NOW, TAKEOVER, null), new KeyRing.Entry(TestKeys.CURRENT, NOW, NOW, END)));

    @Test
    void signingWhenTimePassesThenTheNextTakesOverByItself() {
        assertThat(ring.signing(TAKEOVER.minusSeconds(1))).isEqualTo(TestKeys.CURRENT);
        assertThat(ring.signing(TAKEOVER)).isEqualTo(TestKeys.NEXT);
    }

    @Test
    void signingWhenNoKeyIsInForceThenRefuses() {
        assertThatThrownBy(() -> ring.signing(NOW.minusSeconds(1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> KeyRing.of(List.of()).signing(NOW)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("JW-01 the certs document has exactly the shape that origins read")
    void jwksWhenTwoKeysThenShapeOfTheSpecification() throws Exception {
        Map<String, Object> document = json(ring.jwks(NOW));

        assertThat(document).containsOnlyKeys("keys", "public_cert", "public_certs");
        assertThat((List<?>) document.get("keys")).hasSize(2).allSatisfy(key -> {
            Map<?, ?> jwk = (Map<?, ?>) key;
            assertThat(jwk.keySet()).isEqualTo(Set.of("kid", "kty", "alg", "use", "e", "n"));
            assertThat((String) jwk.get("kid")).matches("[0-9a-f]{64}");
            assertThat(jwk.get("kty")).isEqualTo("RSA");
            assertThat(jwk.get("alg")).isEqualTo("RS256");
            assertThat(jwk.get("use")).isEqualTo("sig");
            assertThat(jwk.get("e")).isEqualTo("AQAB");
        });
        assertThat((Map<?, ?>) document.get("public_cert"))
                .isEqualTo(Map.of("kid", TestKeys.CURRENT.kid(), "cert", TestKeys.CURRENT.certificatePem()));
        assertThat((List<?>) document.get("public_certs")).hasSize(2);
        assertThat(JWKSet.parse(new String(ring.jwks(NOW).body(), StandardCharsets.UTF_8))
                        .getKeys())
                .allMatch(key -> !key.isPrivate());
    }

    @Test
    @DisplayName("JW-02 the next key is published, the previous one until it retires")
    void jwksWhenKeysChangeThenTheDocumentAndItsTagFollow() throws Exception {
        JwksDocument before = ring.jwks(NOW);
        assertThat(ring.jwks(NOW.plusSeconds(1)).etag()).isEqualTo(before.etag());
        assertThat(kids(before)).containsExactly(TestKeys.CURRENT.kid(), TestKeys.NEXT.kid());

        JwksDocument after = ring.jwks(TAKEOVER);
        assertThat(kids(after)).containsExactly(TestKeys.NEXT.kid(), TestKeys.CURRENT.kid());
        assertThat(after.etag()).isNotEqualTo(before.etag());

        assertThat(kids(ring.jwks(END))).containsExactly(TestKeys.NEXT.kid());
        assertThat(kids(ring.jwks(NOW))).as("a clock set back").containsExactlyElementsOf(kids(before));
    }

    @Test
    @DisplayName("JW-01 kid is the SHA-256 of the public key, and the certificate covers its use")
    void certificateWhenReadThenBelongsToTheKey() throws Exception {
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        TestKeys.CURRENT.certificatePem().getBytes(StandardCharsets.US_ASCII)));

        assertThat(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256")
                                .digest(certificate.getPublicKey().getEncoded())))
                .isEqualTo(TestKeys.CURRENT.kid());
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(NOW));
        certificate.checkValidity(Date.from(NOW.plus(Duration.ofDays(365 * 2 + 31))));
    }

    @Test
    @DisplayName("JW-01 a stored key signs as before, and nothing prints it")
    void loadWhenStoredThenTheSameKey() throws Exception {
        byte[] stored = TestKeys.CURRENT.exposePrivateKeyBytes();
        SigningKey loaded = SigningKey.load(stored, TestKeys.CURRENT.certificatePem());

        assertThat(loaded.kid()).isEqualTo(TestKeys.CURRENT.kid());
        assertThat(loaded.published().sign("a.b"))
                .isEqualTo(TestKeys.CURRENT.published().sign("a.b"));
        assertThat(loaded.own().sign("a.b")).isEqualTo(TestKeys.CURRENT.own().sign("a.b"));
        assertThat(loaded.toString()).isEqualTo("SigningKey[" + loaded.kid() + "]");
        assertThatThrownBy(() -> SigningKey.load(stored, TestKeys.NEXT.certificatePem()))
                .isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void discoveryWhenReadThenNamesIssuerAndKeys() throws Exception {
        assertThat(JSONObjectUtils.parse(
                        new String(DiscoveryDocument.of("https://team.example.com"), StandardCharsets.UTF_8)))
                .containsEntry("issuer", "https://team.example.com")
                .containsEntry("jwks_uri", "https://team.example.com/cdn-cgi/access/certs");
    }

    private static Map<String, Object> json(JwksDocument document) throws Exception {
        return JSONObjectUtils.parse(new String(document.body(), StandardCharsets.UTF_8));
    }

    private static List<String> kids(JwksDocument document) throws Exception {
        return JWKSet.parse(new String(document.body(), StandardCharsets.UTF_8)).getKeys().stream()
                .map(key -> key.getKeyID())
                .toList();
    }
}
