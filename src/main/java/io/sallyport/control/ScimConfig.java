package io.sallyport.control;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks {@code scim_config}: outward on applications (stored only), inward on identity providers. */
final class ScimConfig {
    private static final String SCHEMA = "urn:ietf:params:scim:schemas:";
    private static final Set<String> UPDATES = Set.of("automatic", "reauth", "no_action");

    /** What each way to sign in at the other side cannot do without. */
    private static final Map<String, List<String>> REQUIRED =
            Map.of("httpbasic", List.of("password"), "oauth2", List.of("authorization_url", "token_url"));

    private ScimConfig() {}

    /** The texts that Terraform's acceptance tests look for are kept to the letter. */
    static void checkOutbound(Fields config) {
        config.flag("enabled");
        config.flag("deactivate_on_delete");
        config.line("remote_uri", Limits.URL);
        config.text("idp_uid", 100);
        for (Fields mapping : config.objects("mappings", 100)) {
            if (!mapping.text("schema", 300).orElse("").startsWith(SCHEMA)) {
                throw mapping.invalid("schema", "invalid SCIM schema in mappings");
            }
        }
        if (config.has("authentication") && config.json().get("authentication").isObject()) {
            Fields authentication = config.object("authentication").orElseThrow();
            List<String> needed =
                    REQUIRED.getOrDefault(authentication.text("scheme", 40).orElse(""), List.of());
            for (String member : needed) {
                if (!authentication.has(member)) {
                    throw authentication.invalid(member, member + " is a required field");
                }
            }
        }
    }

    /** Users come and go by SCIM only where the provider is asked to. */
    static void checkInbound(Fields config) {
        config.flag("enabled");
        config.flag("group_member_deprovision");
        boolean users = config.isSet("user_deprovision");
        if (config.isSet("seat_deprovision") && !users) {
            throw config.invalid("seat_deprovision", "needs user_deprovision");
        }
        config.oneOf("identity_update_behavior", UPDATES);
    }
}
