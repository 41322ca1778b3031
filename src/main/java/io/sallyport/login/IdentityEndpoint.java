package io.sallyport.login;

import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.token.TokenClaims;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code /cdn-cgi/access/get-identity} (spec/access-semantics.md §8.3): the complete identity behind the presented token, from any
 * address, because origins ask on behalf of their visitors (spec/origin-validation.md §6.1). Never holds a provider's token and
 * never gives other origins permission to read it (ER-03).
 */
final class IdentityEndpoint {
    private final Sessions sessions;
    private final Replies replies;

    IdentityEndpoint(Sessions sessions, Replies replies) {
        this.sessions = sessions;
        this.replies = replies;
    }

    /** Answers with the identity, or 400. */
    Reply tell(Visit visit) {
        Optional<TokenClaims> token = sessions.token(visit);
        if (token.isPresent() && token.get() instanceof TokenClaims.Service service) {
            return program(visit, service);
        }
        if (token.isPresent() && token.get() instanceof TokenClaims.Certificate certificate) {
            return holder(visit, certificate);
        }
        return token.flatMap(
                        claims -> sessions.identity(visit, claims).map(identity -> person(visit, identity, claims)))
                .orElseGet(() -> none(visit));
    }

    private Reply person(Visit visit, Identity identity, TokenClaims claims) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", identity.user().toString());
        if (identity.name() != null) {
            body.put("name", identity.name());
        }
        body.put("email", identity.email().value());
        body.put(
                "groups",
                identity.groups().stream().map(IdentityEndpoint::group).toList());
        body.put("amr", identity.amr());
        body.put(
                "idp",
                Map.of(
                        "id",
                        identity.idp().id().toString(),
                        "type",
                        identity.idp().type()));
        if (identity.country() != null) {
            body.put("geo", Map.of("country", identity.country()));
        }
        body.put("user_uuid", identity.user().toString());
        body.put("account_id", visit.snapshot().settings().accountId());
        body.put("iat", claims.issuedAt().getEpochSecond());
        if (identity.ip() != null) {
            body.put("ip", identity.ip());
        }
        CertificateIdentity holder = visit.certificate();
        body.put("auth_status", "NONE");
        body.put("common_name", holder == null ? "" : holder.commonName());
        body.put("service_token_id", "");
        body.put("service_token_status", false);
        body.putAll(nothingOfDevices());
        body.put("mtls_auth", mtls(holder));
        body.put(identity.idp().type().equals("saml") ? "saml_attributes" : "oidc_fields", identity.claims());
        return replies.json(visit, 200, body);
    }

    private Reply program(Visit visit, TokenClaims.Service service) {
        ServiceTokens.Entry entry =
                visit.snapshot().serviceTokens().byClientId().get(service.clientId());
        if (entry == null) {
            return none(visit);
        }
        ServiceIdentity identity = entry.identity();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", "");
        body.put("email", "");
        body.put("account_id", visit.snapshot().settings().accountId());
        body.put("iat", service.issuedAt().getEpochSecond());
        body.put("auth_status", "NONE");
        body.put("common_name", service.clientId());
        body.put("service_token_id", identity.id().toString());
        body.put("service_token_status", true);
        body.putAll(nothingOfDevices());
        return replies.json(visit, 200, body);
    }

    /** Somebody whom a client certificate alone let in. */
    private Reply holder(Visit visit, TokenClaims.Certificate certificate) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", "");
        body.put("email", "");
        body.put("account_id", visit.snapshot().settings().accountId());
        body.put("iat", certificate.issuedAt().getEpochSecond());
        body.put("auth_status", "NONE");
        body.put("common_name", certificate.holder().commonName());
        body.put("service_token_id", "");
        body.put("service_token_status", false);
        body.putAll(nothingOfDevices());
        body.put("mtls_auth", mtls(certificate.holder()));
        return replies.json(visit, 200, body);
    }

    private static Map<String, Object> mtls(@Nullable CertificateIdentity holder) {
        return Map.of(
                "auth_status", holder == null ? "NONE" : "SUCCESS",
                "cert_issuer_dn", holder == null ? "" : holder.issuer(),
                "cert_issuer_ski", holder == null ? "" : holder.issuerKeyId(),
                "cert_presented", holder != null,
                "cert_serial", holder == null ? "" : holder.serial());
    }

    private Reply none(Visit visit) {
        return replies.json(visit, 400, Map.of("err", "no valid session"));
    }

    /** Members stock clients look for and this product has nothing to say about. */
    private static Map<String, Object> nothingOfDevices() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("is_warp", false);
        members.put("is_gateway", false);
        members.put("gateway_account_id", "");
        members.put("device_id", "");
        members.put("devicePosture", Map.of());
        members.put("device_sessions", Map.of());
        members.put("mtls_auth", mtls(null));
        members.put("version", 2);
        return members;
    }

    /** A plain string for groups known by name alone, an object for those of a directory. */
    private static Object group(Group group) {
        if (group.id().equals(group.name()) && group.email() == null) {
            return group.name();
        }
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("id", group.id());
        whole.put("name", group.name());
        if (group.email() != null) {
            whole.put("email", group.email());
        }
        return whole;
    }
}
