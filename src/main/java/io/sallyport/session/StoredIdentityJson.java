package io.sallyport.session;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON in which an {@link Identity} is stored: complete, and without a provider's token (ER-03). */
public final class StoredIdentityJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private StoredIdentityJson() {}

    /** The identity as JSON for {@link #read}. */
    public static String write(Identity identity) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("user_uuid", identity.user().toString());
        json.put("email", identity.email().value());
        IdentityObject.putIfPresent(json, "name", identity.name());
        json.put("idp", idp(identity));
        json.put("groups", identity.groups().stream().map(IdentityObject::whole).toList());
        json.put("amr", identity.amr());
        json.put("claims", identity.claims());
        IdentityObject.putIfPresent(json, "country", identity.country());
        IdentityObject.putIfPresent(json, "ip", identity.ip());
        json.put("authenticated_at", identity.authenticatedAt().toString());
        json.put("nonce", identity.nonce().value());
        return JSON.writeValueAsString(json);
    }

    /**
     * Reads the JSON of {@link #write}.
     *
     * @throws IllegalArgumentException when it is anything else
     */
    public static Identity read(String json) {
        try {
            JsonNode stored = JSON.readTree(json);
            List<Group> groups = new ArrayList<>();
            stored.required("groups")
                    .forEach(group -> groups.add(new Group(
                            group.required("id").asString(),
                            group.required("name").asString(),
                            group.path("email").asString(null))));
            List<String> amr = new ArrayList<>();
            stored.required("amr").forEach(method -> amr.add(method.asString()));
            return new Identity(
                    UserId.of(stored.required("user_uuid").asString()),
                    new Email(stored.required("email").asString()),
                    stored.path("name").asString(null),
                    new IdpRef(
                            IdpId.of(stored.required("idp").required("id").asString()),
                            stored.required("idp").required("type").asString()),
                    groups,
                    amr,
                    JSON.convertValue(stored.required("claims"), OBJECT),
                    stored.path("country").asString(null),
                    stored.path("ip").asString(null),
                    Instant.parse(stored.required("authenticated_at").asString()),
                    new IdentityNonce(stored.required("nonce").asString()));
        } catch (RuntimeException e) { // a member is missing or has another type
            throw new IllegalArgumentException("a stored identity cannot be read", e);
        }
    }

    private static Map<String, Object> idp(Identity identity) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", identity.idp().id().toString());
        json.put("type", identity.idp().type());
        return json;
    }
}
