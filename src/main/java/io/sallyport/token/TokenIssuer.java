package io.sallyport.token;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Signs tokens: {@code kid}, {@code typ} JWT, claims to the letter of Cloudflare's application token, which origins read.
 * RS256, for whoever has our published keys, except for the cookie of the team domain: only we read that, and HS256 spares each
 * login a millisecond.
 */
public final class TokenIssuer {
    /** Leaves room for the cookie's name and attributes in the 4096 bytes browsers keep (CS-02). */
    static final int LONGEST_COOKIE_VALUE = 3_800;

    private TokenIssuer() {}

    /**
     * A token, and which custom claims had no room in it.
     *
     * @param claims what it says, without the dropped ones
     * @param dropped names of claims that were configured and left out, last configured first; worth a line in the log
     */
    public record Signed(String compact, TokenClaims.App claims, List<String> dropped) {
        /** Copies the list. */
        public Signed {
            dropped = List.copyOf(dropped);
        }
    }

    /**
     * Signs with the key that is current at {@code claims.issuedAt()}.
     *
     * @param issuer scheme and auth domain, no trailing slash
     */
    public static String sign(KeyRing keys, String issuer, TokenClaims claims) {
        return claims instanceof TokenClaims.App app
                ? fit(keys, issuer, app).compact()
                : keys.signing(claims.issuedAt()).published().compact(payload(issuer, claims));
    }

    /** Signs a global session for the team domain's cookie: nobody but us can verify it. */
    public static String signForUs(KeyRing keys, String issuer, TokenClaims.Global claims) {
        return keys.signing(claims.issuedAt()).own().compact(payload(issuer, claims));
    }

    /**
     * Signs a running global session anew for somebody else, such as a command line, that reads what it carries.
     *
     * @param now the session may have begun under an older key
     */
    public static String signForOthers(KeyRing keys, String issuer, TokenClaims.Global claims, Instant now) {
        return keys.signing(now).published().compact(payload(issuer, claims));
    }

    /**
     * Signs a person's token so that it fits a cookie: custom claims that do not fit are dropped from the end of the configured list.
     *
     * @throws IllegalArgumentException when it would not fit without any custom claim
     */
    public static Signed fit(KeyRing keys, String issuer, TokenClaims.App claims) {
        Scheme scheme = keys.signing(claims.issuedAt()).published();
        int room = LONGEST_COOKIE_VALUE - scheme.headerSegment().length() - scheme.signatureLength() - 2;
        Deque<Map.Entry<String, Object>> custom =
                new ArrayDeque<>(claims.custom().entrySet());
        List<String> dropped = new ArrayList<>();
        TokenClaims.App fitting = claims;
        String payload = payload(issuer, fitting);
        while (payload.length() > room) {
            if (custom.isEmpty()) {
                throw new IllegalArgumentException(
                        "the application's policies look at more login facts than fit a cookie of 4096 bytes");
            }
            dropped.add(custom.removeLast().getKey());
            fitting = with(claims, custom);
            payload = payload(issuer, fitting);
        }
        return new Signed(scheme.compact(payload), fitting, dropped);
    }

    private static TokenClaims.App with(TokenClaims.App claims, Deque<Map.Entry<String, Object>> custom) {
        Map<String, Object> kept = new LinkedHashMap<>();
        custom.forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
        return new TokenClaims.App(
                claims.audience(),
                claims.subject(),
                claims.email(),
                claims.nonce(),
                claims.country(),
                kept,
                claims.facts(),
                claims.binding(),
                claims.certificate(),
                claims.issuedAt(),
                claims.expiresAt());
    }

    private static String payload(String issuer, TokenClaims claims) {
        return StrictBase64.encode(
                JSONObjectUtils.toJSONString(ClaimsJson.write(issuer, claims)).getBytes(StandardCharsets.UTF_8));
    }
}
