package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.sallyport.connector.AccessGuard.Verdict;
import io.sallyport.tunnel.wire.MarkedName;
import io.sallyport.tunnel.wire.Withdrawals;
import io.sallyport.tunnel.wire.Withdrawals.Mark;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who gets past {@code access.required}, and every way of not getting past it. */
class AccessGuardIT {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final AtomicInteger fetches = new AtomicInteger();
    private volatile Instant now = NOW;
    private final InstantSource clock = () -> now;
    private final Withdrawn withdrawn =
            new Withdrawn(clock, new ConnectorLog(System.err, ConnectorLog.Level.WARN, clock));
    private final AccessGuard guard = new AccessGuard(clock, withdrawn);
    private RSAKey key;
    private volatile JWKSet published;
    private HttpServer issuer;
    private AccessRequirement requirement;

    @BeforeEach
    void start() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("k1").generate();
        published = new JWKSet(key.toPublicJWK());
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/cdn-cgi/access/certs", exchange -> {
            fetches.incrementAndGet();
            byte[] body = published.toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        issuer.start();
        requirement = new AccessRequirement(
                true, "http://127.0.0.1:" + issuer.getAddress().getPort(), List.of("aud-1", "aud-2"));
    }

    @AfterEach
    void stop() {
        issuer.stop(0);
    }

    @Test
    void aValidAssertionPassesAndKeysAreFetchedOnce() throws Exception {
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        assertThat(verdict(token(claims -> claims.subject("other")))).isEqualTo(Verdict.PASS);
        assertThat(fetches).hasValue(1);
    }

    @Test
    void withoutAnAssertionOrWithTwoItIsForbidden() throws Exception {
        assertThat(verdict()).isEqualTo(Verdict.FORBIDDEN);
        String good = token(claims -> {});
        assertThat(verdict(good, good)).isEqualTo(Verdict.FORBIDDEN);
    }

    @Test
    void anotherApplicationsAssertionIsForbidden() throws Exception {
        assertThat(verdict(token(claims -> claims.audience("aud-3")))).isEqualTo(Verdict.FORBIDDEN);
    }

    @Test
    void anAssertionThatCannotBeVerifiedIsRefused() throws Exception {
        assertThat(verdict(token(claims -> claims.issuer("https://evil.example"))))
                .isEqualTo(Verdict.UNVERIFIED);
        assertThat(verdict(token(claims -> claims.expirationTime(Date.from(NOW.minusSeconds(1))))))
                .isEqualTo(Verdict.UNVERIFIED);
        assertThat(verdict(token(claims -> claims.expirationTime(null)))).isEqualTo(Verdict.UNVERIFIED);
        assertThat(verdict(token(claims -> claims.notBeforeTime(Date.from(NOW.plus(Duration.ofMinutes(6)))))))
                .isEqualTo(Verdict.UNVERIFIED);
        assertThat(verdict("nonsense")).isEqualTo(Verdict.UNVERIFIED);
        RSAKey forged = new RSAKeyGenerator(2048).keyID("k1").generate();
        assertThat(verdict(signed(forged, claims()))).isEqualTo(Verdict.UNVERIFIED);
        SignedJWT mac = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), claims());
        mac.sign(new MACSigner(key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)));
        assertThat(verdict(mac.serialize())).isEqualTo(Verdict.UNVERIFIED);
    }

    @Test
    void aFloodOfForgedKeyIdsDoesNotBecomeAFloodOfFetches() throws Exception {
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        for (int i = 0; i < 50; i++) {
            RSAKey forged = new RSAKey.Builder(key).keyID("forged-" + i).build();
            assertThat(verdict(signed(forged, claims()))).isEqualTo(Verdict.UNVERIFIED);
        }
        assertThat(fetches.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void withoutAnIssuerOrAudienceNothingPasses() throws Exception {
        requirement = new AccessRequirement(true, null, List.of());
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.FORBIDDEN);
    }

    @Test
    void anIssuerOutOfReachMeansNo() throws Exception {
        issuer.stop(0);
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.UNVERIFIED);
    }

    @Test
    void whatTheEdgeWithdrewIsForbiddenAndNothingElse() throws Exception {
        String named = token(claims -> claims.claim("identity_nonce", "n-1"));
        String other = token(claims -> claims.claim("identity_nonce", "n-2"));
        assertThat(verdict(named)).isEqualTo(Verdict.PASS);
        tell(1, List.of(), new Mark(MarkedName.session("n-1"), Long.MAX_VALUE));
        assertThat(verdict(named)).isEqualTo(Verdict.FORBIDDEN);
        assertThat(verdict(other)).isEqualTo(Verdict.PASS);
        tell(1, List.of(), new Mark(MarkedName.person("someone"), NOW.toEpochMilli() - 1));
        assertThat(verdict(other)).isEqualTo(Verdict.PASS);
        tell(1, List.of(), new Mark(MarkedName.person("someone"), NOW.toEpochMilli()));
        assertThat(verdict(other)).isEqualTo(Verdict.FORBIDDEN);
        String anotherPerson = token(claims -> claims.subject("somebody else"));
        assertThat(verdict(anotherPerson)).isEqualTo(Verdict.PASS);
        tell(1, List.of(), new Mark(MarkedName.application("aud-2"), NOW.toEpochMilli()));
        assertThat(verdict(anotherPerson)).isEqualTo(Verdict.FORBIDDEN);
    }

    @Test
    void aKeyThatTheEdgeNoLongerNamesStopsCountingAtOnce() throws Exception {
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        tell(1, List.of("k2"));
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.UNVERIFIED);
    }

    @Test
    void aNewKeyIsFetchedAsSoonAsTheEdgeNamesIt() throws Exception {
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        RSAKey next = new RSAKeyGenerator(2048).keyID("k2").generate();
        published = new JWKSet(List.of(key.toPublicJWK(), next.toPublicJWK()));
        now = NOW.plusSeconds(1);
        tell(1, List.of("k1", "k2"));
        await().until(() -> fetches.get() == 2);
        assertThat(verdict(signed(next, claims()))).isEqualTo(Verdict.PASS);
    }

    @Test
    void tu04AHostileEdgeCanNameKeysButNotMakeThemCount() throws Exception {
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        RSAKey planted = new RSAKeyGenerator(2048).keyID("planted").generate();
        for (int version = 1; version <= 50; version++) {
            tell(version, List.of("k1", "planted"));
        }
        assertThat(verdict(signed(planted, claims()))).isEqualTo(Verdict.UNVERIFIED);
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        assertThat(fetches.get()).as("no flood of fetches").isLessThanOrEqualTo(3);
    }

    @Test
    void anOlderListOfKeysChangesNothingAndNoneIsLeftWhenNobodyCouldRenewIt() throws Exception {
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        tell(2, List.of("k1"));
        tell(1, List.of("k0"));
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.PASS);
        tell(3, List.of("k0"));
        assertThat(verdict(token(claims -> {}))).isEqualTo(Verdict.UNVERIFIED);
        withdrawn.allConnectionsLost();
        assertThat(withdrawn.keys(requirement.issuer())).isEmpty();
    }

    private void tell(long version, List<String> keys, Mark... marks) {
        withdrawn.take(new Withdrawals(version, String.valueOf(requirement.issuer()), keys, List.of(marks)));
    }

    @Test
    void whereNothingIsRequiredNothingIsLookedAt() {
        requirement = new AccessRequirement(false, null, List.of());
        assertThat(verdict()).isEqualTo(Verdict.PASS);
    }

    private Verdict verdict(String... assertions) {
        HttpHeaders headers = new DefaultHttpHeaders();
        for (String assertion : assertions) {
            headers.add("Cf-Access-Jwt-Assertion", assertion);
        }
        return guard.check(requirement, headers).orTimeout(30, TimeUnit.SECONDS).join();
    }

    private String token(Consumer<JWTClaimsSet.Builder> change) throws JOSEException {
        JWTClaimsSet.Builder builder = new JWTClaimsSet.Builder(claims());
        change.accept(builder);
        return signed(key, builder.build());
    }

    private JWTClaimsSet claims() {
        return new JWTClaimsSet.Builder()
                .issuer(requirement.issuer())
                .audience("aud-2")
                .subject("someone")
                .issueTime(Date.from(NOW))
                .notBeforeTime(Date.from(NOW))
                .expirationTime(Date.from(NOW.plusSeconds(60)))
                .build();
    }

    private static String signed(RSAKey signer, JWTClaimsSet claims) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(signer.getKeyID())
                        .build(),
                claims);
        jwt.sign(new RSASSASigner(signer));
        return jwt.serialize();
    }
}
