package io.sallyport.control;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the file calls objects: by their name, with the id behind it where several of a kind share the name. */
final class ConfigLabels {
    private final Map<ConfigKind, Map<String, String>> labels = new EnumMap<>(ConfigKind.class);
    private final Map<String, String> certificateSets = new HashMap<>();

    /** @param views all objects as the API shows them */
    ConfigLabels(Map<ConfigKind, List<ObjectNode>> views) {
        views.forEach((kind, all) -> labels.put(kind, labels(kind, all)));
        views.getOrDefault(ConfigKind.IDENTITY_PROVIDERS, List.of()).forEach(view -> {
            JsonNode set = view.path(CertificateSets.API_MEMBER);
            if (set.isString()) {
                certificateSets.merge(set.stringValue(), of(ConfigKind.IDENTITY_PROVIDERS, view), ConfigLabels::first);
            }
        });
    }

    private static String first(String one, String other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    /** What a set of SAML certificates is called: by the first of the providers that use it. */
    Optional<String> ofCertificateSet(String set) {
        return Optional.ofNullable(certificateSets.get(set));
    }

    private static Map<String, String> labels(ConfigKind kind, List<ObjectNode> views) {
        Map<String, Integer> uses = new HashMap<>();
        views.forEach(view -> uses.merge(name(kind, view), 1, Integer::sum));
        Map<String, String> labels = new HashMap<>();
        views.forEach(view -> {
            String name = name(kind, view);
            labels.put(id(kind, view), uses.getOrDefault(name, 0) == 1 ? name : labelOf(name, id(kind, view)));
        });
        return labels;
    }

    /** What an object is called in this file. */
    String of(ConfigKind kind, ObjectNode view) {
        String id = id(kind, view);
        return labels.getOrDefault(kind, Map.of()).getOrDefault(id, id);
    }

    /** What the object of an id is called; null when there is none. */
    @Nullable
    String find(ConfigKind kind, String id) {
        return labels.getOrDefault(kind, Map.of()).get(id.toLowerCase(Locale.ROOT));
    }

    /** What an object is called when others have its name too. */
    static String labelOf(String name, String id) {
        return name + " (" + id + ")";
    }

    /** What an object is called when nothing else is called so. */
    static String name(ConfigKind kind, JsonNode object) {
        return switch (kind) {
            case ORIGINS ->
                object.path("hostname").asString("") + object.path("path").asString("");
            case ORGANIZATION, KEYS -> kind.section();
            case CERTIFICATE_SETTINGS -> object.path("hostname").asString("");
            case DNS_RECORDS -> DnsSpelling.label(object);
            case TAGS ->
                object.isString() ? object.stringValue() : object.path("name").asString("");
            case APPLICATIONS ->
                object.path("name")
                        .asString(object.path("domain")
                                .asString(object.path("type").asString("")));
            case LISTS,
                    IDENTITY_PROVIDERS,
                    SERVICE_TOKENS,
                    WORKLOAD_ISSUERS,
                    CERTIFICATES,
                    CUSTOM_PAGES,
                    GROUPS,
                    POLICIES,
                    TUNNELS,
                    ZONES -> object.path("name").asString("");
        };
    }

    /** The id the API knows an object by. */
    static String id(ConfigKind kind, ObjectNode view) {
        return switch (kind) {
            case TAGS, ORGANIZATION, KEYS -> name(kind, view);
            case CERTIFICATE_SETTINGS -> CertificateSettings.host(view);
            case CUSTOM_PAGES -> view.path("uid").asString();
            case LISTS,
                    IDENTITY_PROVIDERS,
                    SERVICE_TOKENS,
                    WORKLOAD_ISSUERS,
                    CERTIFICATES,
                    GROUPS,
                    POLICIES,
                    APPLICATIONS,
                    TUNNELS,
                    ZONES,
                    DNS_RECORDS,
                    ORIGINS -> view.path("id").asString();
        };
    }
}
