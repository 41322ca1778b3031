package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.sallyport.testkit.TestKeys;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoders;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;

/**
 * Origins that check the token themselves, with stock software (rows 1 to 3 and 6): Spring
 * Security's blocking and reactive decoders, a resource server with the documented settings, and plain Nimbus, over real HTTP.
 */
class OriginValidationIT {
    private final Instant now =
            Instant.ofEpochSecond(Clock.systemUTC().instant().getEpochSecond());
    private KeyRing keys;
    private CertsServer team;
    private List<Validator> validators;

    /** A stock validator; throws when it refuses. */
    @FunctionalInterface
    private interface Check {
        Object accept(String token) throws Exception;
    }

    private record Validator(String name, Check check) {}

    @BeforeEach
    void start() throws Exception {
        Instant before = now.minus(Duration.ofDays(1));
        keys = KeyRing.of(List.of(new KeyRing.Entry(TestKeys.CURRENT, before, before, null)));
        team = new CertsServer(keys, Clock.systemUTC());
        validators = List.of(springBlocking(), springReactive(), plainNimbus());
    }

    @AfterEach
    void stop() {
        team.close();
    }

    @Test
    @DisplayName("JW-07 row 1: every stock validator accepts a person's and a program's token")
    void acceptWhenGenuineThenEveryValidatorAgrees() {
        for (Validator validator : validators) {
            for (String token : List.of(person(), program())) {
                assertThat(accepts(validator, token)).as(validator.name()).isTrue();
            }
        }
    }

    @Test
    @DisplayName("JW-07 row 2: wrong audience, issuer, time, algorithm or key is refused by every stock validator")
    void acceptWhenAnythingIsWrongThenEveryValidatorRefuses() throws Exception {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("audience", sign(claims(Map.of("aud", List.of(TestClaims.OTHER.value())))));
        wrong.put("issuer with a slash", sign(claims(Map.of("iss", team.issuer() + "/"))));
        wrong.put("issuer", sign(claims(Map.of("iss", "https://other.example.com"))));
        wrong.put("expired", sign(claims(Map.of("exp", now.getEpochSecond() - 120))));
        wrong.put("not yet", sign(claims(Map.of("nbf", now.getEpochSecond() + 120))));
        wrong.put("alg none", none());
        wrong.put("public key as secret", symmetric());
        wrong.put("foreign key", foreign());
        for (Validator validator : validators) {
            wrong.forEach((what, token) -> assertThat(accepts(validator, token))
                    .as(validator.name() + " and " + what)
                    .isFalse());
        }
    }

    @Test
    @DisplayName(
            "JW-04 the other tokens our keys sign are refused as application tokens by stock validators that ignore type")
    void acceptWhenAnotherKindThenEveryValidatorRefuses() {
        TokenClaims.Global global = new TokenClaims.Global(
                TestClaims.ADA,
                TestClaims.global().email(),
                TestClaims.global().nonce(),
                now,
                now.plus(Duration.ofHours(1)));
        TokenClaims.Meta meta = new TokenClaims.Meta(
                TestClaims.WIKI, "wiki.example.com", "/", false, now, now.plus(Duration.ofMinutes(5)));
        TokenClaims.Evaluation evaluation = new TokenClaims.Evaluation(
                Map.of("aud", List.of(TestClaims.WIKI.value()), "nonce", "n"), now, now.plus(Duration.ofMinutes(1)));
        Map<String, String> others = Map.of(
                "global",
                TokenIssuer.sign(keys, team.issuer(), global),
                "the team domain's cookie",
                TokenIssuer.signForUs(keys, team.issuer(), global),
                "meta",
                TokenIssuer.sign(keys, team.issuer(), meta),
                "evaluation",
                TokenIssuer.sign(keys, team.issuer(), evaluation));
        for (Validator validator : validators) {
            others.forEach((kind, token) -> assertThat(accepts(validator, token))
                    .as(validator.name() + " " + kind)
                    .isFalse());
        }
    }

    @Test
    @DisplayName("JW-07 row 3: after a rotation old and new tokens verify without restarting the validator")
    void acceptWhenKeysRotateThenOldAndNewTokensVerify() {
        String old = person();
        validators.forEach(validator ->
                assertThat(accepts(validator, old)).as(validator.name()).isTrue());

        KeyRing rotated = keys.succeededBy(List.of(
                new KeyRing.Entry(TestKeys.CURRENT, now, now, now.plus(Duration.ofDays(7))),
                new KeyRing.Entry(TestKeys.NEXT, now, now.plusSeconds(1), null)));
        team.serve(rotated);
        String fresh = TokenIssuer.sign(
                rotated, team.issuer(), TestClaims.until(now.plusSeconds(1), now.plus(Duration.ofHours(1))));

        assertThat(fresh.split("\\.")[0]).isNotEqualTo(old.split("\\.")[0]);
        for (Validator validator : validators) {
            assertThat(accepts(validator, fresh))
                    .as(validator.name() + ", new token")
                    .isTrue();
            assertThat(accepts(validator, old))
                    .as(validator.name() + ", old token")
                    .isTrue();
        }
    }

    @Test
    @DisplayName("JW-07 a validator that only takes an issuer finds the keys by discovery")
    void acceptWhenOnlyTheIssuerIsConfiguredThenDiscoveryWorks() {
        NimbusJwtDecoder decoder = JwtDecoders.fromIssuerLocation(team.issuer());

        assertThat(decoder.decode(person()).getClaimAsString("email")).isEqualTo("ada@example.com");
        assertThat(decoder.decode(program()).getSubject()).isNullOrEmpty();
    }

    @Test
    @DisplayName("JW-07 row 6: a resource server with the documented settings answers 200 with the header, 401 without")
    void requestWhenResourceServerIsStockThenOnlyGenuineTokensPass() throws Exception {
        try (ConfigurableApplicationContext origin =
                        SampleResourceServer.start(team.certs(), team.issuer(), TestClaims.WIKI.value());
                HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + origin.getEnvironment().getProperty("local.server.port") + "/");

            assertThat(get(client, uri, person()).body()).isEqualTo("hello " + TestClaims.ADA);
            assertThat(get(client, uri, program()).statusCode()).isEqualTo(200);
            assertThat(get(client, uri, null).statusCode()).isEqualTo(401);
            assertThat(get(client, uri, foreign()).statusCode()).isEqualTo(401);
            assertThat(get(client, uri, sign(claims(Map.of("aud", List.of(TestClaims.OTHER.value())))))
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    private static HttpResponse<String> get(HttpClient client, URI uri, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (token != null) {
            request.header("Cf-Access-Jwt-Assertion", token);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private Validator springBlocking() {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSetUri(team.certs()).build();
        decoder.setJwtValidator(documented());
        return new Validator("Spring Security, blocking", decoder::decode);
    }

    private Validator springReactive() {
        NimbusReactiveJwtDecoder decoder =
                NimbusReactiveJwtDecoder.withJwkSetUri(team.certs()).build();
        decoder.setJwtValidator(documented());
        return new Validator(
                "Spring Security, reactive", token -> decoder.decode(token).block(Duration.ofSeconds(5)));
    }

    private OAuth2TokenValidator<Jwt> documented() {
        return new DelegatingOAuth2TokenValidator<>(
                JwtValidators.createDefaultWithIssuer(team.issuer()),
                new JwtClaimValidator<List<String>>(
                        "aud", audiences -> audiences != null && audiences.contains(TestClaims.WIKI.value())));
    }

    private Validator plainNimbus() throws Exception {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(
                JWSAlgorithm.RS256,
                JWKSourceBuilder.create(URI.create(team.certs()).toURL()).build()));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                TestClaims.WIKI.value(),
                new JWTClaimsSet.Builder().issuer(team.issuer()).build(),
                Set.of("exp", "iat", "sub")));
        return new Validator("Nimbus", token -> processor.process(token, null));
    }

    private static boolean accepts(Validator validator, String token) {
        try {
            return validator.check().accept(token) != null;
        } catch (Exception refused) {
            return false;
        }
    }

    private String person() {
        return TokenIssuer.sign(keys, team.issuer(), TestClaims.until(now, now.plus(Duration.ofHours(1))));
    }

    private String program() {
        return TokenIssuer.sign(
                keys,
                team.issuer(),
                new TokenClaims.Service(TestClaims.WIKI, TestClaims.CLIENT_ID, now, now.plus(Duration.ofHours(1))));
    }

    private Map<String, Object> claims(Map<String, Object> changed) {
        Map<String, Object> claims =
                ClaimsJson.write(team.issuer(), TestClaims.until(now, now.plus(Duration.ofHours(1))));
        claims.putAll(changed);
        return claims;
    }

    private static String sign(Map<String, Object> claims) {
        return sign(TestKeys.CURRENT, claims);
    }

    private static String sign(SigningKey key, Map<String, Object> claims) {
        String signingInput = TestKeys.CURRENT.published().headerSegment() + "."
                + StrictBase64.encode(new Payload(claims).toString().getBytes(StandardCharsets.UTF_8));
        return signingInput + "." + key.published().sign(signingInput);
    }

    private String none() {
        return Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8))
                + "." + person().split("\\.")[1] + ".";
    }

    private String symmetric() throws Exception {
        JWSObject token = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .keyID(TestKeys.CURRENT.kid())
                        .build(),
                new Payload(claims(Map.of())));
        token.sign(new MACSigner(TestKeys.CURRENT.publicKey().getEncoded()));
        return token.serialize();
    }

    private String foreign() {
        return sign(TestKeys.FOREIGN, claims(Map.of()));
    }
}
