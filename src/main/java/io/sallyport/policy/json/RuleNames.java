package io.sallyport.policy.json;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where policies and groups name other objects: the API by id, the one file by name. Knows both spellings of every such place:
 * {@code {"group": {"id": "…"}}} and {@code {"group": {"name": "Staff"}}}.
 */
public final class RuleNames {
    private static final List<String> RULES = List.of("include", "exclude", "require");
    private static final String BY_NAME = "name";

    /** What can be named. */
    public enum Kind {
        LIST,
        IDENTITY_PROVIDER,
        SERVICE_TOKEN,
        WORKLOAD_ISSUER,
        GROUP
    }

    /** Finds the other spelling. */
    @FunctionalInterface
    public interface Translation {
        /**
         * The other spelling of a name or id; null keeps what is there.
         *
         * @param pointer where it stands
         */
        @Nullable
        String of(Kind kind, String spelling, String pointer);
    }

    /** A member that names something: in the API, and in the file. */
    private record Place(String apiMember, String fileMember, Kind kind) {}

    private static final Place PROVIDER =
            new Place("identity_provider_id", "identity_provider", Kind.IDENTITY_PROVIDER);
    private static final Place APPROVERS = new Place("email_list_uuid", "email_list", Kind.LIST);

    private static final Map<String, Place> SELECTORS = Map.ofEntries(
            Map.entry("group", new Place("id", BY_NAME, Kind.GROUP)),
            Map.entry("email_list", new Place("id", BY_NAME, Kind.LIST)),
            Map.entry("ip_list", new Place("id", BY_NAME, Kind.LIST)),
            Map.entry("service_token", new Place("token_id", BY_NAME, Kind.SERVICE_TOKEN)),
            Map.entry("workload", new Place("issuer_id", "issuer", Kind.WORKLOAD_ISSUER)),
            Map.entry("login_method", new Place("id", BY_NAME, Kind.IDENTITY_PROVIDER)),
            Map.entry("github-organization", PROVIDER),
            Map.entry("gsuite", PROVIDER),
            Map.entry("okta", PROVIDER),
            Map.entry("azureAD", PROVIDER),
            Map.entry("saml", PROVIDER),
            Map.entry("oidc", PROVIDER),
            Map.entry("auth_context", PROVIDER));

    private RuleNames() {}

    /** Puts names in the place of ids, in a policy or group. */
    public static void toFile(ObjectNode object, Translation names) {
        translate(object, "", names, true);
    }

    /** Puts ids in the place of names, in a policy or group that stands at the pointer. */
    public static void toApi(ObjectNode object, String pointer, Translation ids) {
        translate(object, pointer, ids, false);
    }

    private static void translate(ObjectNode object, String pointer, Translation translation, boolean toFile) {
        for (String list : RULES) {
            JsonNode rules = object.path(list);
            for (int i = 0; i < rules.size(); i++) {
                rule(rules.get(i), pointer + "/" + list + "/" + i, translation, toFile);
            }
        }
        if (object.get("approval_groups") instanceof ArrayNode groups) {
            for (int i = 0; i < groups.size(); i++) {
                if (groups.get(i) instanceof ObjectNode group) {
                    member(group, APPROVERS, pointer + "/approval_groups/" + i, translation, toFile);
                }
            }
        }
    }

    private static void rule(@Nullable JsonNode rule, String pointer, Translation translation, boolean toFile) {
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
        if (translated != null) {
            ObjectNode rest = value.deepCopy();
            rest.remove(from);
            value.removeAll();
            value.put(to, translated);
            value.setAll(rest);
        }
    }
}
