package io.sallyport.testkit;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** An issuer of workload tokens on loopback: its key set over HTTP, and tokens shaped like those of GitHub Actions. */
public final class BuildSystem implements AutoCloseable {
    private final RSAKey key;
    private final HttpServer server;

    private BuildSystem(RSAKey key, HttpServer server) {
        this.key = key;
        this.server = server;
    }

    /** Starts one with a fresh key. */
    public static BuildSystem start() {
        try {
            RSAKey key = newKey();
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/jwks", exchange -> {
                byte[] body = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            return new BuildSystem(key, server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A key that calls itself like the issuer's. */
    public static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID("build-1").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What {@code iss} says. */
    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What a job on the main branch of {@code acme/app} would be given. */
    public JWTClaimsSet.Builder claims(String audience) {
        Instant now = Instant.now();
        return new JWTClaimsSet.Builder()
                .jwtID(UUID.randomUUID().toString())
                .issuer(issuer())
                .audience(audience)
                .subject("repo:acme/app:ref:refs/heads/main")
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now.minusSeconds(5)))
                .expirationTime(Date.from(now.plusSeconds(300)))
                .claim("ref", "refs/heads/main")
                .claim("ref_type", "branch")
                .claim("ref_protected", "true")
                .claim("sha", "9f7c3a1d5e0b4c2a8f6e7d9b1c3a5e7f9b1d3c5a")
                .claim("repository", "acme/app")
                .claim("repository_id", "74")
                .claim("repository_owner", "acme")
                .claim("repository_owner_id", "65")
                .claim("repository_visibility", "private")
                .claim("run_id", "8712345678")
                .claim("run_number", "10")
                .claim("run_attempt", "2")
                .claim("runner_environment", "github-hosted")
                .claim("actor", "octocat")
                .claim("actor_id", "12")
                .claim("workflow", "deploy")
                .claim("workflow_ref", "acme/app/.github/workflows/deploy.yml@refs/heads/main")
                .claim("event_name", "push")
                .claim("head_ref", "")
                .claim("base_ref", "");
    }

    /** A genuine token, as changed. */
    public String token(String audience, UnaryOperator<JWTClaimsSet.Builder> change) {
        return token(key, audience, change);
    }

    /** A token signed by this key. */
    public String token(RSAKey by, String audience, UnaryOperator<JWTClaimsSet.Builder> change) {
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .type(JOSEObjectType.JWT)
                            .keyID(by.getKeyID())
                            .build(),
                    change.apply(claims(audience)).build());
            jwt.sign(new RSASSASigner(by));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
