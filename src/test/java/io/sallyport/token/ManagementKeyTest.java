package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ManagementKeyTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final String HOST = "management.example.com";
    private static final ManagementKey KEY = ManagementKey.generate();

    private static ManagementClaims claims(ManagementResource... resources) {
        return new ManagementClaims(
                "0d4c0c6e-6b3e-4d0b-9d3a-3c1f5f0f7a11",
                "0123456789abcdef0123456789abcdef",
                "token:ada",
                HOST,
                Set.of(resources),
                NOW,
                NOW.plus(Duration.ofHours(1)));
    }

    @Test
    void aTokenSaysWhatConnectorsReadAndWhatOnlyTheEdgeDoes() {
        String[] parts = KEY.sign(claims(ManagementResource.LOGS)).split("\\.", -1);
        assertThat(json(parts[0]).toString()).isEqualTo("{\"typ\":\"JWT\",\"alg\":\"ES256\"}");
        JsonNode said = json(parts[1]);
        assertThat(said.path("tun").path("id").asString()).isEqualTo("0d4c0c6e-6b3e-4d0b-9d3a-3c1f5f0f7a11");
        assertThat(said.path("tun").path("account_tag").asString()).isEqualTo("0123456789abcdef0123456789abcdef");
        assertThat(said.path("actor").path("id").asString()).isEqualTo("token:ada");
        assertThat(said.path("actor").path("support").asBoolean(true)).isFalse();
        assertThat(said.path("iss").asString())
                .as("the one that cloudflared takes for another cloud")
                .isNotEqualTo("fed-tunnelstore");
        assertThat(said.path("exp").asLong() - said.path("iat").asLong()).isEqualTo(3600);
        assertThat(said.path("res").toString())
                .as("what cloudflared's own tests look for in the token of its tail command")
                .isEqualTo("[\"logs\",\"ping\"]");
    }

    private static JsonNode json(String part) {
        return JsonMapper.shared().readTree(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
    }

    @Test
    void whatWasSignedIsReadBack() {
        ManagementClaims claims = claims(ManagementResource.LOGS, ManagementResource.HOST_DETAILS);
        assertThat(KEY.verify(KEY.sign(claims), HOST, NOW)).contains(claims);
    }

    @Test
    @DisplayName("JW-06: it counts until its end, and not a second longer")
    void itEnds() {
        String token = KEY.sign(claims(ManagementResource.LOGS));
        assertThat(KEY.verify(token, HOST, NOW.plusSeconds(3599))).isPresent();
        assertThat(KEY.verify(token, HOST, NOW.plusSeconds(3600))).isEmpty();
        assertThat(KEY.verify(token, HOST, NOW.minusSeconds(31))).isEmpty();
    }

    @Test
    @DisplayName("JW-03: another key's token, another host's, and one that was changed count for nothing")
    void forgeriesCountForNothing() {
        ManagementClaims claims = claims(ManagementResource.LOGS);
        String token = KEY.sign(claims);
        assertThat(ManagementKey.generate().verify(token, HOST, NOW)).isEmpty();
        assertThat(KEY.verify(token, "management.argotunnel.com", NOW)).isEmpty();
        String[] parts = token.split("\\.", -1);
        String more = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json(parts[1])
                        .toString()
                        .replace("\"logs\"", "\"admin\"")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(KEY.verify(parts[0] + "." + more + "." + parts[2], HOST, NOW))
                .isEmpty();
        assertThat(KEY.verify(parts[0] + "." + parts[1] + ".", HOST, NOW)).isEmpty();
        String none = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        assertThat(KEY.verify(none + "." + parts[1] + ".", HOST, NOW)).isEmpty();
    }

    @Test
    @DisplayName("JW-04: an audit checkpoint's signature, of the same algorithm, is no management token")
    void aTokenOfAnotherKindIsNone() {
        assertThat(KEY.verify(CheckpointKey.generate().sign("{\"tun\":{\"id\":\"a\"}}"), HOST, NOW))
                .isEmpty();
    }

    @Test
    void aStoredKeyIsTheSameKey() throws Exception {
        ManagementKey loaded = ManagementKey.load(KEY.exposePrivateKeyBytes(), KEY.publicKeyBytes());
        assertThat(KEY.verify(loaded.sign(claims(ManagementResource.LOGS)), HOST, NOW))
                .isPresent();
        assertThat(KEY).hasToString("ManagementKey");
    }

    @Test
    void adminOpensEverythingAndTheOthersThemselves() {
        assertThat(claims(ManagementResource.ADMIN).opens(ManagementResource.LOGS))
                .isTrue();
        assertThat(claims(ManagementResource.LOGS).opens(ManagementResource.LOGS))
                .isTrue();
        assertThat(claims(ManagementResource.LOGS).opens(ManagementResource.ADMIN))
                .isFalse();
        assertThat(claims(ManagementResource.LOGS).opens(ManagementResource.HOST_DETAILS))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "a.b.c", "e30.e30.e30", "eyJhbGciOiJFUzI1NiJ9.e30.", "eyJhbGciOiJFUzI1NiJ9.W10."})
    void whatIsNoTokenClaimsNothing(String text) {
        assertThat(ManagementClaims.claimed(text)).isEmpty();
        assertThat(KEY.verify(text, HOST, NOW)).isEmpty();
    }

    @Test
    void aStrangersTokenIsReadAsFarAsItGoes() {
        String token = Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8))
                + "."
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("{\"tun\":{\"id\":\"t\",\"account_tag\":\"a\"},\"actor\":{\"id\":\"me\"}}"
                                .getBytes(StandardCharsets.UTF_8))
                + ".c2ln";
        ManagementClaims claims = ManagementClaims.claimed(token).orElseThrow();
        assertThat(claims.tunnel()).isEqualTo("t");
        assertThat(claims.host()).isEmpty();
        assertThat(claims.resources()).isEmpty();
        assertThat(claims.expiresAt()).isEqualTo(Instant.EPOCH);
    }
}
