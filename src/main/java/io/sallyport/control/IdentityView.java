package io.sallyport.control;

import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A stored identity as the API shows it. Devices do not exist for us, so their members say so. */
final class IdentityView {
    private static final JsonMapper JSON = JsonMapper.shared();

    private IdentityView() {}

    static ObjectNode of(Identity identity, String account) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", identity.user().toString())
                .put("user_uuid", identity.user().toString())
                .put("account_id", account)
                .put("email", identity.email().value())
                .put("name", identity.name())
                .put("ip", identity.ip())
                .put("iat", identity.authenticatedAt().getEpochSecond())
                .put("auth_status", "NONE")
                .put("common_name", "")
                .put("service_token_id", "")
                .put("service_token_status", false)
                .put("is_warp", false)
                .put("is_gateway", false)
                .put("device_id", "")
                .put("version", 2);
        view.putObject("idp")
                .put("id", identity.idp().id().toString())
                .put("type", identity.idp().type());
        view.putObject("geo").put("country", identity.country());
        ArrayNode groups = view.putArray("groups");
        for (Group group : identity.groups()) {
            groups.addObject().put("id", group.id()).put("name", group.name());
        }
        ArrayNode methods = view.putArray("amr");
        identity.amr().forEach(methods::add);
        JsonNode claims = JSON.valueToTree(identity.claims());
        view.set(identity.idp().type().equals("saml") ? "saml_attributes" : "oidc_fields", claims);
        view.putObject("devicePosture");
        view.putObject("device_sessions");
        view.putObject("mtls_auth").put("auth_status", "NONE").put("cert_presented", false);
        return view;
    }
}
