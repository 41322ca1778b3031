package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.sallyport.http.AccessHeaders;
import io.sallyport.testkit.TestKeys;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TokenIssuerTest {
    private final KeyRing keys = TestKeys.ring();

    @Test
    @DisplayName("JW-01 a person's token has the claims of the specification, in their types")
    void signWhenPersonThenClaimsToTheLetter() throws Exception {
        String compact = TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.app());

        assertThat(decode(compact, 0))
                .isEqualTo("{\"alg\":\"RS256\",\"kid\":\"" + TestKeys.CURRENT.kid() + "\",\"typ\":\"JWT\"}");
        assertThat(JSONObjectUtils.parse(decode(compact, 1)))
                .isEqualTo(TestClaims.claims(
                        "type", "app",
                        "aud", List.of(TestClaims.WIKI.value()),
                        "email", "ada@example.com",
                        "identity_nonce", "nonce-of-one-login",
                        "sub", TestClaims.ADA.toString(),
                        "nbf", TestClaims.NOW.getEpochSecond(),
                        "country", "PT",
                        "custom", Map.of("department", "engines"),
                        "sp_facts", "abc.DEF",
                        "sp_bind", "binding-hash",
                        "iss", "https://team.example.com",
                        "iat", TestClaims.NOW.getEpochSecond(),
                        "exp", TestClaims.LATER.getEpochSecond()));
    }

    @Test
    @DisplayName("JW-01 a service token's token has common_name, an empty sub and nothing of a person")
    void signWhenServiceThenNoPersonalClaims() throws Exception {
        assertThat(JSONObjectUtils.parse(decode(TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.service()), 1)))
                .isEqualTo(TestClaims.claims(
                        "type",
                        "app",
                        "aud",
                        List.of(TestClaims.WIKI.value()),
                        "common_name",
                        TestClaims.CLIENT_ID,
                        "sub",
                        "",
                        "iss",
                        "https://team.example.com",
                        "iat",
                        TestClaims.NOW.getEpochSecond(),
                        "exp",
                        TestClaims.LATER.getEpochSecond()));
    }

    @Test
    void signWhenNothingOfOursIsNeededThenOurClaimsAreAbsent() throws Exception {
        TokenClaims.App plain = TestClaims.until(TestClaims.NOW, TestClaims.LATER);

        assertThat(JSONObjectUtils.parse(decode(TokenIssuer.sign(keys, TestClaims.ISSUER, plain), 1)))
                .doesNotContainKeys("custom", "sp_facts", "sp_bind", "sp_ms");
    }

    @Test
    void signWhenMetaThenStringAudienceAndAnIssuerNoOriginAccepts() throws Exception {
        assertThat(JSONObjectUtils.parse(decode(TokenIssuer.sign(keys, TestClaims.ISSUER, TestClaims.meta()), 1)))
                .containsEntry("type", "meta")
                .containsEntry("aud", TestClaims.WIKI.value())
                .containsEntry("hostname", "wiki.example.com")
                .containsEntry("redirect_url", "/start?a=b")
                .containsEntry("service_token_status", false)
                .containsEntry("auth_status", "NONE")
                .containsKeys("mtls_auth", "is_warp", "is_gateway", "iat", "nbf", "exp")
                .doesNotContainEntry("iss", TestClaims.ISSUER);
    }

    @Test
    @DisplayName("CS-02 the cookie stays within 4096 bytes: custom claims go from the end of the configured list")
    void fitWhenTooManyGroupsThenLastConfiguredClaimsAreDropped() {
        Map<String, Object> custom = new LinkedHashMap<>();
        custom.put("department", "engines");
        custom.put(
                "groups",
                IntStream.range(0, 300)
                        .mapToObj(i -> "a-rather-long-group-name-" + i)
                        .toList());
        custom.put("city", "London");

        TokenIssuer.Signed signed = TokenIssuer.fit(
                keys,
                TestClaims.ISSUER,
                TestClaims.app(custom, "f".repeat(600), "b".repeat(43), TestClaims.NOW, TestClaims.LATER));

        assertThat(signed.dropped()).containsExactly("city", "groups");
        assertThat(signed.claims().custom()).containsOnlyKeys("department");
        assertThat(AccessHeaders.AUTHORIZATION_COOKIE.length()
                        + 1
                        + signed.compact().length())
                .isLessThan(4096 - 200);
        assertThat(TokenVerifier.verify(keys, TestClaims.ISSUER, signed.compact(), TestClaims.NOW))
                .isEqualTo(new TokenVerifier.Verification.Verified(signed.claims()));
    }

    @Test
    void fitWhenEverythingHasRoomThenNothingIsDropped() {
        assertThat(TokenIssuer.fit(keys, TestClaims.ISSUER, TestClaims.app()).dropped())
                .isEmpty();
    }

    @Test
    void fitWhenFactsAloneAreTooLongThenRefused() {
        TokenClaims.App claims = TestClaims.app(Map.of(), "f".repeat(4000), null, TestClaims.NOW, TestClaims.LATER);

        assertThatThrownBy(() -> TokenIssuer.fit(keys, TestClaims.ISSUER, claims))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096");
    }

    private static String decode(String compact, int part) {
        return new String(Base64.getUrlDecoder().decode(compact.split("\\.")[part]), StandardCharsets.UTF_8);
    }
}
