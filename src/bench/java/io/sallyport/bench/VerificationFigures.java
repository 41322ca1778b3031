package io.sallyport.bench;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.sallyport.saml.ResponseVerifier;
import io.sallyport.testkit.SamlIdp;
import io.sallyport.token.IdTokenVerifier;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What proving who somebody is costs one processor: a SAML response with both signatures, one with an encrypted assertion, and an ID
 * token. In processor time of the one thread that does it, so that a machine with other work to do says the
 * same. Arguments: rounds of warm-up (4000) and measured ones (4000).
 */
public final class VerificationFigures {
    private static final String CALLBACK = "https://team.example.com/cdn-cgi/access/callback";
    private static final String REQUEST = "_request";
    private static final Instant NOW = Instant.parse("2026-11-27T10:00:00Z");
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    private final int warmUp;
    private final int rounds;

    private VerificationFigures(int warmUp, int rounds) {
        this.warmUp = warmUp;
        this.rounds = rounds;
    }

    /** Prints a line for each. */
    public static void main(String[] args) throws JOSEException {
        VerificationFigures figures = new VerificationFigures(
                args.length > 0 ? Integer.parseInt(args[0]) : 4_000,
                args.length > 1 ? Integer.parseInt(args[1]) : 4_000);
        SamlIdp idp = SamlIdp.rsa();
        SamlIdp ours = SamlIdp.rsa();
        figures.saml(
                "SAML, response and assertion signed",
                idp,
                ours,
                idp.response(CALLBACK, REQUEST, NOW).signed(true, true));
        figures.saml(
                "SAML, assertion encrypted",
                idp,
                ours,
                idp.response(CALLBACK, REQUEST, NOW).encryptedFor(ours.certificate()));
        figures.idToken();
    }

    private void saml(String what, SamlIdp idp, SamlIdp ours, SamlIdp.Response response) {
        ResponseVerifier.Expected expected = new ResponseVerifier.Expected(
                SamlIdp.ISSUER,
                List.of(idp.certificate()),
                CALLBACK,
                REQUEST,
                List.of(ours.keys().getPrivate()));
        String posted = response.encoded();
        measure(what, () -> ResponseVerifier.verify(posted, expected, NOW) instanceof ResponseVerifier.Result.Verified);
    }

    private void idToken() throws JOSEException {
        RSAKey key = new RSAKeyGenerator(2048).keyID("k").generate();
        JWSObject token = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k").build(),
                new Payload(Map.of(
                        "iss", "https://idp.example.com",
                        "sub", "ada",
                        "aud", "client",
                        "nonce", "nonce",
                        "email", "ada@example.com",
                        "email_verified", true,
                        "iat", NOW.getEpochSecond(),
                        "exp", NOW.getEpochSecond() + 300)));
        token.sign(new RSASSASigner(key));
        String keys = "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}";
        String compact = token.serialize();
        IdTokenVerifier.Expected expected = new IdTokenVerifier.Expected("https://idp.example.com", "client", "nonce");
        measure(
                "ID token, RS256",
                () -> IdTokenVerifier.verify(keys, compact, expected, NOW) instanceof IdTokenVerifier.Result.Verified);
    }

    private void measure(String what, BooleanSupplier verification) {
        long[] nanos = new long[rounds];
        for (int i = -warmUp; i < rounds; i++) {
            long start = CLOCK.getCurrentThreadCpuTime();
            if (!verification.getAsBoolean()) {
                throw new IllegalStateException(what + " was refused");
            }
            if (i >= 0) {
                nanos[i] = CLOCK.getCurrentThreadCpuTime() - start;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "%-40s median %.2f ms, p99 %.2f ms of one processor%n",
                what,
                nanos[rounds / 2] / 1e6,
                nanos[rounds * 99 / 100] / 1e6);
    }
}
