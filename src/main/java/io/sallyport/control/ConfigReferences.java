package io.sallyport.control;

import io.sallyport.policy.json.RuleNames;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Where objects name each other: the API by id, the file by name. */
final class ConfigReferences {
    private static final String SCIM_PROVIDER = "idp_uid";

    private ConfigReferences() {}

    /** Finds the other spelling of a name; the pointer says where it stands. Null keeps what is there. */
    @FunctionalInterface
    interface Translation {
        @Nullable
        String of(ConfigKind kind, String spelling, String pointer);
    }

    /** Puts names in the place of ids, in a policy or group. */
    static void rulesToFile(ObjectNode object, Translation names) {
        RuleNames.toFile(object, of(names));
    }

    /** Puts ids in the place of names, in a policy or group. */
    static void rulesToApi(ObjectNode object, String pointer, Translation ids) {
        RuleNames.toApi(object, pointer, of(ids));
    }

    private static RuleNames.Translation of(Translation translation) {
        return (kind, spelling, pointer) -> translation.of(
                switch (kind) {
                    case LIST -> ConfigKind.LISTS;
                    case IDENTITY_PROVIDER -> ConfigKind.IDENTITY_PROVIDERS;
                    case SERVICE_TOKEN -> ConfigKind.SERVICE_TOKENS;
                    case WORKLOAD_ISSUER -> ConfigKind.WORKLOAD_ISSUERS;
                    case GROUP -> ConfigKind.GROUPS;
                },
                spelling,
                pointer);
    }

    /** Puts the provider's name in the place of its id where an application says whose people it takes over by SCIM. */
    static void scimProviderToFile(ObjectNode application, Translation names) {
        member(application.path("scim_config"), SCIM_PROVIDER, "identity_provider", "/scim_config", names);
    }

    /** The other way about. */
    static void scimProviderToApi(ObjectNode application, String pointer, Translation ids) {
        member(application.path("scim_config"), "identity_provider", SCIM_PROVIDER, pointer + "/scim_config", ids);
    }

    private static void member(JsonNode object, String from, String to, String pointer, Translation translation) {
        if (object instanceof ObjectNode place && place.path(from).isString()) {
            String other = translation.of(
                    ConfigKind.IDENTITY_PROVIDERS, place.path(from).stringValue(), pointer + "/" + from);
            if (other != null) {
                place.remove(from);
                place.put(to, other);
            }
        }
    }

    /** Translates each member of an object that says for each use what is used. */
    static void values(ObjectNode uses, ConfigKind kind, String pointer, Translation translation) {
        for (var use : List.copyOf(uses.properties())) {
            String other = use.getValue().isString()
                    ? translation.of(kind, use.getValue().stringValue(), pointer + "/" + use.getKey())
                    : null;
            if (other != null) {
                uses.put(use.getKey(), other);
            }
        }
    }

    /** Translates a list of names or ids. */
    static ArrayNode list(JsonNode list, ConfigKind kind, String pointer, Translation translation) {
        ArrayNode translated = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < list.size(); i++) {
            JsonNode each = list.get(i);
            String other = each.isString() ? translation.of(kind, each.stringValue(), pointer + "/" + i) : null;
            if (other == null) {
                translated.add(each);
            } else {
                translated.add(other);
            }
        }
        return translated;
    }
}
