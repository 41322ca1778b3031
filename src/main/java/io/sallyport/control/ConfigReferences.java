package io.sallyport.control;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Where objects name each other: the API by id, the file by name. Knows both spellings of every such place. */
final class ConfigReferences {
    private static final List<String> RULES = List.of("include", "exclude", "require");
    private static final String BY_NAME = "name";

    /** A member of a selector that names something: in the API, and in the file. */
    private record Place(String apiMember, String fileMember, ConfigKind kind) {}

    private static final Place PROVIDER =
            new Place("identity_provider_id", "identity_provider", ConfigKind.IDENTITY_PROVIDERS);

    private static final Map<String, Place> SELECTORS = Map.ofEntries(
            Map.entry("group", new Place("id", BY_NAME, ConfigKind.GROUPS)),
            Map.entry("email_list", new Place("id", BY_NAME, ConfigKind.LISTS)),
            Map.entry("ip_list", new Place("id", BY_NAME, ConfigKind.LISTS)),
            Map.entry("service_token", new Place("token_id", BY_NAME, ConfigKind.SERVICE_TOKENS)),
            Map.entry("login_method", new Place("id", BY_NAME, ConfigKind.IDENTITY_PROVIDERS)),
            Map.entry("github-organization", PROVIDER),
            Map.entry("gsuite", PROVIDER),
            Map.entry("okta", PROVIDER),
            Map.entry("azureAD", PROVIDER),
            Map.entry("saml", PROVIDER),
            Map.entry("oidc", PROVIDER),
            Map.entry("auth_context", PROVIDER));

    private ConfigReferences() {}

    /** Finds the other spelling of a name; the pointer says where it stands. Null keeps what is there. */
    @FunctionalInterface
    interface Translation {
        @Nullable
        String of(ConfigKind kind, String spelling, String pointer);
    }

    /** Puts names in the place of ids, in a policy or group. */
    static void rulesToFile(ObjectNode object, Translation names) {
        rules(object, "", names, true);
    }

    /** Puts ids in the place of names, in a policy or group. */
    static void rulesToApi(ObjectNode object, String pointer, Translation ids) {
        rules(object, pointer, ids, false);
    }

    private static void rules(ObjectNode object, String pointer, Translation translation, boolean toFile) {
        for (String list : RULES) {
            if (object.get(list) instanceof ArrayNode rules) {
                for (int i = 0; i < rules.size(); i++) {
                    rule(rules.get(i), pointer + "/" + list + "/" + i, translation, toFile);
                }
            }
        }
        if (object.get("approval_groups") instanceof ArrayNode groups) {
            Place approvers = new Place("email_list_uuid", "email_list", ConfigKind.LISTS);
            for (int i = 0; i < groups.size(); i++) {
                if (groups.get(i) instanceof ObjectNode group) {
                    member(group, approvers, pointer + "/approval_groups/" + i, translation, toFile);
                }
            }
        }
    }

    private static void rule(JsonNode rule, String pointer, Translation translation, boolean toFile) {
        if (rule instanceof ObjectNode object) {
            for (var selector : List.copyOf(object.properties())) {
                Place place = SELECTORS.get(selector.getKey());
                if (place != null && selector.getValue() instanceof ObjectNode value) {
                    member(value, place, pointer + "/" + selector.getKey(), translation, toFile);
                }
            }
        }
    }

    /** Renames and translates one member, which goes first; what is already in the other spelling stays. */
    private static void member(ObjectNode value, Place place, String pointer, Translation translation, boolean toFile) {
        String from = toFile ? place.apiMember : place.fileMember;
        String to = toFile ? place.fileMember : place.apiMember;
        JsonNode there = value.get(from);
        if (there == null || !there.isString()) {
            return;
        }
        String translated = translation.of(place.kind, there.stringValue(), pointer + "/" + from);
        if (translated == null) {
            return;
        }
        ObjectNode rest = value.deepCopy();
        rest.remove(from);
        value.removeAll();
        value.put(to, translated);
        value.setAll(rest);
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
