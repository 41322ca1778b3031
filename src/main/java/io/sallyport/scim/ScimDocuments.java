package io.sallyport.scim;

import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What this service can do, for clients that ask first (RFC 7644 §4). */
final class ScimDocuments {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CORE = "urn:ietf:params:scim:schemas:core:2.0:";

    @SuppressWarnings("InlineFormatString") // documents read better whole
    private static final String CONFIG = """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
             "patch":{"supported":true},
             "bulk":{"supported":false,"maxOperations":0,"maxPayloadSize":0},
             "filter":{"supported":true,"maxResults":200},
             "changePassword":{"supported":false},
             "sort":{"supported":false},
             "etag":{"supported":false},
             "authenticationSchemes":[{"type":"oauthbearertoken","name":"Bearer secret",
               "description":"The secret of the identity provider entry, shown when SCIM is switched on."}],
             "meta":{"resourceType":"ServiceProviderConfig","location":"%1$s/ServiceProviderConfig"}}""";

    @SuppressWarnings("InlineFormatString") // the same
    private static final String TYPE = """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
             "id":"%2$s","name":"%2$s","endpoint":"/%2$ss","schema":"urn:ietf:params:scim:schemas:core:2.0:%2$s",
             "meta":{"resourceType":"ResourceType","location":"%1$s/ResourceTypes/%2$s"}}""";

    @SuppressWarnings("InlineFormatString") // the same
    private static final String ATTRIBUTE = """
            {"name":"%s","type":"%s","multiValued":%s,"required":%s,"caseExact":false,"mutability":"readWrite",
             "returned":"default","uniqueness":"%s"}""";

    private ScimDocuments() {}

    /** The document at a path below {@code /v2/}. */
    static Optional<ObjectNode> find(Directory directory, String path) {
        String base = directory.base();
        return switch (path) {
            case "ServiceProviderConfig" -> Optional.of(json(CONFIG.formatted(base)));
            case "ResourceTypes" -> Optional.of(list(type(base, "User"), type(base, "Group")));
            case "ResourceTypes/User" -> Optional.of(type(base, "User"));
            case "ResourceTypes/Group" -> Optional.of(type(base, "Group"));
            case "Schemas" -> Optional.of(list(user(base), group(base)));
            case "Schemas/" + CORE + "User" -> Optional.of(user(base));
            case "Schemas/" + CORE + "Group" -> Optional.of(group(base));
            default -> Optional.empty();
        };
    }

    private static ObjectNode type(String base, String name) {
        return json(TYPE.formatted(base, name));
    }

    private static ObjectNode user(String base) {
        return schema(
                base,
                "User",
                attribute("userName", "string", false, true, "server"),
                attribute("externalId", "string", false, false, "none"),
                attribute("displayName", "string", false, false, "none"),
                attribute("name", "complex", false, false, "none"),
                attribute("emails", "complex", true, false, "none"),
                attribute("active", "boolean", false, false, "none"));
    }

    private static ObjectNode group(String base) {
        return schema(
                base,
                "Group",
                attribute("displayName", "string", false, true, "server"),
                attribute("externalId", "string", false, false, "none"),
                attribute("members", "complex", true, false, "none"));
    }

    private static ObjectNode schema(String base, String name, ObjectNode... attributes) {
        ObjectNode schema = JSON.createObjectNode();
        schema.putArray("schemas").add(CORE + "Schema");
        schema.put("id", CORE + name).put("name", name);
        var list = schema.putArray("attributes");
        for (ObjectNode each : attributes) {
            list.add(each);
        }
        schema.putObject("meta").put("resourceType", "Schema").put("location", base + "/Schemas/" + CORE + name);
        return schema;
    }

    private static ObjectNode attribute(
            String name, String type, boolean several, boolean required, String uniqueness) {
        return json(ATTRIBUTE.formatted(name, type, several, required, uniqueness));
    }

    private static ObjectNode list(ObjectNode... resources) {
        ObjectNode list = JSON.createObjectNode();
        list.putArray("schemas").add("urn:ietf:params:scim:api:messages:2.0:ListResponse");
        list.put("totalResults", resources.length).put("startIndex", 1).put("itemsPerPage", resources.length);
        var all = list.putArray("Resources");
        for (ObjectNode each : resources) {
            all.add(each);
        }
        return list;
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) JSON.readTree(text);
    }
}
