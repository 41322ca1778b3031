package io.sallyport.token;

import io.sallyport.identity.Audience;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Email;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.UserId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The spelling of {@link TokenClaims} in JSON. Claims of our own begin with {@code sp_}.
 *
 * <p>Only the application and global tokens name the team itself as issuer. {@code meta} and evaluation tokens are signed by the
 * same keys and handed to strangers, and a stock validator looks at issuer and audience but not at {@code type}; an issuer of their
 * own keeps them from ever passing as an application token at an origin (JW-04).
 */
final class ClaimsJson {
    private static final String FACTS = "sp_facts";
    private static final String BINDING = "sp_bind";

    /** Marks a token that a workload got for its issuer's; what the issuer said is in it. */
    static final String WORKLOAD = "sp_workload";

    /** What a token is bound to (RFC 7800), and how: by the thumbprint of a certificate (RFC 8705 §3.1). */
    private static final String CONFIRMATION = "cnf";

    private static final String THUMBPRINT = "x5t#S256";
    private static final String MTLS = "mtls_auth";

    /** Milliseconds of {@code iat}, which is whole seconds: revocations and edits compare with the exact moment (CS-08). */
    static final String MILLIS = "sp_ms";

    /** Behind the team's address in the issuer of what command lines are told. */
    static final String MATCH = "/cdn-cgi/access/match";

    private ClaimsJson() {}

    /** Which {@code iss} a kind of token carries. */
    static String issuer(String team, TokenClaims claims) {
        return switch (claims) {
            case TokenClaims.App _,
                    TokenClaims.Service _,
                    TokenClaims.Workload _,
                    TokenClaims.Certificate _,
                    TokenClaims.Global _ -> team;
            case TokenClaims.Meta _ -> team + "/cdn-cgi/access/login";
            case TokenClaims.Match _ -> team + MATCH;
            case TokenClaims.Evaluation _ -> team + "/cdn-cgi/access/evaluation";
        };
    }

    static Map<String, Object> write(String team, TokenClaims claims) {
        Map<String, Object> json = new LinkedHashMap<>();
        switch (claims) {
            case TokenClaims.App app -> writeApp(json, app);
            case TokenClaims.Service service -> writeNobody(json, service.audience(), service.clientId());
            case TokenClaims.Workload workload -> {
                writeNobody(json, workload.audience(), workload.commonName());
                json.put(WORKLOAD, Map.of("issuer", workload.issuer().toString(), "claims", workload.claims()));
            }
            case TokenClaims.Certificate certificate -> {
                writeNobody(json, certificate.audience(), certificate.holder().commonName());
                json.put(MTLS, mtls(certificate.holder()));
                json.put(CONFIRMATION, Map.of(THUMBPRINT, certificate.holder().thumbprint()));
            }
            case TokenClaims.Global global -> writeGlobal(json, team, global);
            case TokenClaims.Meta meta -> writeMeta(json, meta);
            case TokenClaims.Match match -> writeMatch(json, match);
            case TokenClaims.Evaluation evaluation -> {
                json.putAll(evaluation.payload());
                json.put("type", "evaluation");
            }
        }
        json.put("iss", issuer(team, claims));
        json.put("iat", claims.issuedAt().getEpochSecond());
        json.put("exp", claims.expiresAt().getEpochSecond());
        long millis = claims.issuedAt().toEpochMilli() % 1_000;
        if (millis != 0 && !(claims instanceof TokenClaims.Service || claims instanceof TokenClaims.Certificate)) {
            json.put(MILLIS, millis);
        }
        return json;
    }

    private static void writeApp(Map<String, Object> json, TokenClaims.App app) {
        json.put("type", "app");
        json.put("aud", List.of(app.audience().value()));
        json.put("email", app.email().value());
        json.put("identity_nonce", app.nonce().value());
        json.put("sub", app.subject().toString());
        json.put("nbf", app.issuedAt().getEpochSecond());
        if (app.country() != null) {
            json.put("country", app.country());
        }
        if (!app.custom().isEmpty()) {
            json.put("custom", app.custom());
        }
        if (!app.facts().isEmpty()) {
            json.put(FACTS, app.facts());
        }
        if (app.binding() != null) {
            json.put(BINDING, app.binding());
        }
        if (app.certificate() != null) {
            json.put(CONFIRMATION, Map.of(THUMBPRINT, app.certificate()));
        }
    }

    private static void writeGlobal(Map<String, Object> json, String team, TokenClaims.Global global) {
        json.put("type", "org");
        json.put("aud", List.of(team));
        json.put("email", global.email().value());
        json.put("identity_nonce", global.nonce().value());
        json.put("sub", global.subject().toString());
        json.put("nbf", global.issuedAt().getEpochSecond());
    }

    /** What tokens without a person have in common. */
    private static void writeNobody(Map<String, Object> json, Audience audience, String commonName) {
        json.put("type", "app");
        json.put("aud", List.of(audience.value()));
        json.put("common_name", commonName);
        json.put("sub", "");
    }

    private static void writeMeta(Map<String, Object> json, TokenClaims.Meta meta) {
        json.put("type", "meta");
        json.put("aud", meta.audience().value());
        json.put("hostname", meta.hostname());
        json.put("redirect_url", meta.redirectUrl());
        json.put("service_token_status", meta.serviceTokenStatus());
        json.put("is_warp", false);
        json.put("is_gateway", false);
        json.put("nbf", meta.issuedAt().getEpochSecond());
        json.put("auth_status", "NONE");
        json.put(MTLS, mtls(meta.certificate()));
    }

    private static void writeMatch(Map<String, Object> json, TokenClaims.Match match) {
        json.put("type", "match");
        json.put("aud", match.audience().value());
        json.put("hostname", match.hostname());
        json.put("auth_domain", match.authDomain());
        json.put("app_hostname", match.appHostname());
    }

    private static Map<String, Object> mtls(@Nullable CertificateIdentity holder) {
        Map<String, Object> mtls = new LinkedHashMap<>();
        mtls.put("cert_issuer_dn", holder == null ? "" : holder.issuer());
        mtls.put("cert_serial", holder == null ? "" : holder.serial());
        mtls.put("cert_issuer_ski", holder == null ? "" : holder.issuerKeyId());
        mtls.put("cert_presented", holder != null);
        mtls.put("common_name", holder == null ? "" : holder.commonName());
        mtls.put("auth_status", holder == null ? "NONE" : "SUCCESS");
        return mtls;
    }

    private static @Nullable CertificateIdentity holder(Map<String, Object> json, @Nullable String thumbprint) {
        return json.get(MTLS) instanceof Map<?, ?> mtls && Boolean.TRUE.equals(mtls.get("cert_presented"))
                ? new CertificateIdentity(
                        String.valueOf(mtls.get("common_name")),
                        thumbprint == null ? "" : thumbprint,
                        String.valueOf(mtls.get("cert_issuer_dn")),
                        String.valueOf(mtls.get("cert_issuer_ski")),
                        String.valueOf(mtls.get("cert_serial")))
                : null;
    }

    private static @Nullable String thumbprint(Map<String, Object> json) {
        if (!json.containsKey(CONFIRMATION)) {
            return null;
        }
        if (json.get(CONFIRMATION) instanceof Map<?, ?> how && how.get(THUMBPRINT) instanceof String thumbprint) {
            return thumbprint;
        }
        throw new IllegalArgumentException("bound to something that nobody can show");
    }

    /** The claims of a token whose signature was verified; null when they are of no kind or lack something. */
    static @Nullable TokenClaims read(String team, Map<String, Object> json) {
        try {
            TokenClaims claims = readKind(team, json);
            return claims != null && issuer(team, claims).equals(json.get("iss")) ? claims : null;
        } catch (RuntimeException e) {
            // A member of another type than we write: not a token of ours, whatever it is.
            return null;
        }
    }

    private static @Nullable TokenClaims readKind(String team, Map<String, Object> json) {
        long millis = json.get(MILLIS) instanceof Number n ? n.longValue() : 0;
        Instant issuedAt = Instant.ofEpochSecond(seconds(json, "iat")).plusMillis(millis);
        Instant expiresAt = Instant.ofEpochSecond(seconds(json, "exp"));
        return switch (text(json, "type")) {
            case "app" ->
                json.containsKey(WORKLOAD)
                        ? readWorkload(json, issuedAt, expiresAt)
                        : json.containsKey("common_name")
                                ? readNobody(json, issuedAt, expiresAt)
                                : readApp(json, issuedAt, expiresAt);
            case "org" -> List.of(team).equals(json.get("aud")) ? readGlobal(json, issuedAt, expiresAt) : null;
            case "meta" ->
                new TokenClaims.Meta(
                        new Audience(text(json, "aud")),
                        text(json, "hostname"),
                        text(json, "redirect_url"),
                        Boolean.TRUE.equals(json.get("service_token_status")),
                        holder(json, null),
                        issuedAt,
                        expiresAt);
            case "match" ->
                new TokenClaims.Match(
                        new Audience(text(json, "aud")),
                        text(json, "hostname"),
                        text(json, "auth_domain"),
                        text(json, "app_hostname"),
                        issuedAt,
                        expiresAt);
            case "evaluation" -> readEvaluation(json, issuedAt, expiresAt);
            default -> null;
        };
    }

    private static TokenClaims readGlobal(Map<String, Object> json, Instant issuedAt, Instant expiresAt) {
        return new TokenClaims.Global(
                UserId.of(text(json, "sub")),
                new Email(text(json, "email")),
                new IdentityNonce(text(json, "identity_nonce")),
                issuedAt,
                expiresAt);
    }

    /** A token without a person: a program's, or a certificate's when it is bound to one. */
    private static @Nullable TokenClaims readNobody(Map<String, Object> json, Instant issuedAt, Instant expiresAt) {
        String thumbprint = thumbprint(json);
        if (thumbprint == null) {
            return new TokenClaims.Service(audience(json), text(json, "common_name"), issuedAt, expiresAt);
        }
        CertificateIdentity holder = holder(json, thumbprint);
        return holder == null ? null : new TokenClaims.Certificate(audience(json), holder, issuedAt, expiresAt);
    }

    @SuppressWarnings("unchecked") // JSON objects have string names
    private static TokenClaims readApp(Map<String, Object> json, Instant issuedAt, Instant expiresAt) {
        Map<String, Object> custom =
                json.get("custom") instanceof Map<?, ?> block ? (Map<String, Object>) block : Map.of();
        return new TokenClaims.App(
                audience(json),
                UserId.of(text(json, "sub")),
                new Email(text(json, "email")),
                new IdentityNonce(text(json, "identity_nonce")),
                (String) json.get("country"),
                custom,
                json.containsKey(FACTS) ? text(json, FACTS) : "",
                (String) json.get(BINDING),
                thumbprint(json),
                issuedAt,
                expiresAt);
    }

    @SuppressWarnings("unchecked") // JSON objects have string names
    private static TokenClaims readWorkload(Map<String, Object> json, Instant issuedAt, Instant expiresAt) {
        Map<String, Object> block = (Map<String, Object>) Objects.requireNonNull(json.get(WORKLOAD));
        return new TokenClaims.Workload(
                audience(json),
                text(json, "common_name"),
                UUID.fromString(text(block, "issuer")),
                (Map<String, Object>) Objects.requireNonNull(block.get("claims")),
                issuedAt,
                expiresAt);
    }

    private static TokenClaims readEvaluation(Map<String, Object> json, Instant issuedAt, Instant expiresAt) {
        Map<String, Object> payload = new LinkedHashMap<>(json);
        List.of("type", "iss", "iat", "exp", MILLIS).forEach(payload::remove);
        return new TokenClaims.Evaluation(payload, issuedAt, expiresAt);
    }

    private static Audience audience(Map<String, Object> json) {
        if (json.get("aud") instanceof List<?> values
                && values.size() == 1
                && values.getFirst() instanceof String audience) {
            return new Audience(audience);
        }
        throw new IllegalArgumentException("an application token has one audience");
    }

    private static String text(Map<String, Object> json, String name) {
        if (json.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(name + " is missing");
    }

    private static long seconds(Map<String, Object> json, String name) {
        if (json.get(name) instanceof Long seconds) {
            return seconds;
        }
        throw new IllegalArgumentException(name + " is missing");
    }
}
