package io.sallyport.session;

import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import io.sallyport.identity.ServiceIdentity;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The identity object that get-identity answers with and external evaluators are asked about. What this
 * product does not do (devices, posture) is present and empty, because clients read it without asking. Never holds a provider's token
 * (ER-03).
 */
public final class IdentityObject {
    private static final String SAML = "saml";

    private IdentityObject() {}

    /**
     * A person's, with all groups: plain strings for those known by name alone, objects for those of a directory.
     *
     * @param accountId 32 hex digits
     * @param issuedAt when the token was issued that speaks for them
     * @param holder of the client certificate shown beside it; null when there is none
     */
    public static Map<String, Object> of(
            Identity identity, String accountId, Instant issuedAt, @Nullable CertificateIdentity holder) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", identity.user().toString());
        putIfPresent(json, "name", identity.name());
        json.put("email", identity.email().value());
        json.put("groups", identity.groups().stream().map(IdentityObject::group).toList());
        json.put("amr", identity.amr());
        json.put(
                "idp",
                Map.of(
                        "id",
                        identity.idp().id().toString(),
                        "type",
                        identity.idp().type()));
        if (identity.country() != null) {
            json.put("geo", Map.of("country", identity.country()));
        }
        json.put("user_uuid", identity.user().toString());
        putIfPresent(json, "ip", identity.ip());
        putStanding(json, accountId, issuedAt, holder == null ? "" : holder.commonName(), null, holder);
        json.put(SAML.equals(identity.idp().type()) ? "saml_attributes" : "oidc_fields", identity.claims());
        return json;
    }

    /** A program's, by its service token. */
    public static Map<String, Object> of(ServiceIdentity service, String accountId, Instant issuedAt) {
        Map<String, Object> json = nobody();
        putStanding(json, accountId, issuedAt, service.clientId(), service, null);
        return json;
    }

    /** That of somebody whom a client certificate alone let in. */
    public static Map<String, Object> of(CertificateIdentity holder, String accountId, Instant issuedAt) {
        Map<String, Object> json = nobody();
        putStanding(json, accountId, issuedAt, holder.commonName(), null, holder);
        return json;
    }

    private static Map<String, Object> nobody() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", "");
        json.put("email", "");
        return json;
    }

    private static void putStanding(
            Map<String, Object> json,
            String accountId,
            Instant issuedAt,
            String commonName,
            @Nullable ServiceIdentity service,
            @Nullable CertificateIdentity holder) {
        json.put("account_id", accountId);
        json.put("iat", issuedAt.getEpochSecond());
        json.put("auth_status", "NONE");
        json.put("common_name", commonName);
        json.put("service_token_id", service == null ? "" : service.id().toString());
        json.put("service_token_status", service != null);
        json.put("is_warp", false);
        json.put("is_gateway", false);
        json.put("gateway_account_id", "");
        json.put("device_id", "");
        json.put("devicePosture", Map.of());
        json.put("device_sessions", Map.of());
        json.put("mtls_auth", certificate(holder));
        json.put("version", 2);
    }

    private static Map<String, Object> certificate(@Nullable CertificateIdentity holder) {
        return Map.of(
                "auth_status", holder == null ? "NONE" : "SUCCESS",
                "cert_issuer_dn", holder == null ? "" : holder.issuer(),
                "cert_issuer_ski", holder == null ? "" : holder.issuerKeyId(),
                "cert_presented", holder != null,
                "cert_serial", holder == null ? "" : holder.serial());
    }

    private static Object group(Group group) {
        if (group.id().equals(group.name()) && group.email() == null) {
            return group.name();
        }
        return whole(group);
    }

    /** A group with all that is known of it. */
    static Map<String, Object> whole(Group group) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", group.id());
        json.put("name", group.name());
        putIfPresent(json, "email", group.email());
        return json;
    }

    static void putIfPresent(Map<String, Object> json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
