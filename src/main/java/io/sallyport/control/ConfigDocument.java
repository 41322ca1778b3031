package io.sallyport.control;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one file as somebody wrote it, read section by section. A section that is there says all there is of its kind; one that is
 * not leaves its kind alone.
 */
final class ConfigDocument {
    /** The largest file. */
    static final int MAX_BYTES = 32 << 20;

    /** The largest of who may not write the configuration: what is planned is held in memory several times. */
    static final int MAX_BYTES_TO_PLAN = 8 << 20;

    private static final String FORMAT = "sallyport";

    private final Map<ConfigKind, List<Entry>> sections = new EnumMap<>(ConfigKind.class);

    /**
     * One object of the file.
     *
     * @param label what other entries call it
     * @param json an object, or a tag's name
     * @param pointer where it stands
     */
    record Entry(ConfigKind kind, String label, JsonNode json, String pointer) {
        /** The id that tells it from others of its name; empty when its name does. */
        Optional<String> id() {
            return Optional.of(json.path("id").asString("")).filter(id -> !id.isEmpty());
        }

        String name() {
            return ConfigLabels.name(kind, json);
        }

        /** Secrets of a provider that are there in clear: the command line has resolved their references. */
        Map<String, String> secrets() {
            Map<String, String> secrets = new LinkedHashMap<>();
            for (String member : IdentityProviderDraft.SECRETS) {
                JsonNode value = json.path("config").path(member);
                if (value.isString()) {
                    secrets.put(member, value.stringValue());
                }
            }
            return secrets;
        }
    }

    private ConfigDocument() {}

    /** Reads a file's content; complains of sections nobody knows and of labels that stand for two. */
    static ConfigDocument read(ObjectNode json) {
        JsonNode format = json.get(FORMAT);
        if (format == null || !format.isInt() || format.intValue() != ConfigWorld.FORMAT) {
            throw ApiProblem.invalid("/" + FORMAT, "must be " + ConfigWorld.FORMAT + ", the shape of this file");
        }
        Map<String, ConfigKind> known = new HashMap<>();
        for (ConfigKind kind : ConfigKind.values()) {
            known.put(kind.section(), kind);
        }
        ConfigDocument document = new ConfigDocument();
        for (var member : json.properties()) {
            ConfigKind kind = known.get(member.getKey());
            if (kind != null) {
                document.sections.put(kind, section(kind, member.getValue()));
            } else if (!member.getKey().equals(FORMAT)) {
                throw ApiProblem.invalid("/" + StrictJson.escape(member.getKey()), "is no section of the file");
            }
        }
        document.requireOneMeaningOfNames();
        return document;
    }

    /** A host leads to a tunnel or elsewhere, and the file must not say both. */
    private void requireOneMeaningOfNames() {
        Set<String> toTunnels = new HashSet<>();
        all(ConfigKind.TUNNELS)
                .forEach(tunnel -> tunnel.json()
                        .path("hostnames")
                        .forEach(
                                each -> toTunnels.add(DnsSpelling.hostname(each).toLowerCase(Locale.ROOT))));
        for (Entry record : all(ConfigKind.DNS_RECORDS)) {
            String name = record.json().path("name").asString("").toLowerCase(Locale.ROOT);
            if (DnsRecordDraft.isOfHost(record.json().path("type").asString("").toUpperCase(Locale.ROOT))
                    && toTunnels.contains(name)) {
                throw ApiProblem.invalid(record.pointer() + "/name", "is a hostname of a tunnel, too");
            }
        }
    }

    private static List<Entry> section(ConfigKind kind, JsonNode json) {
        String pointer = "/" + kind.section();
        if (kind.isSingle()) {
            if (!(json instanceof ObjectNode)) {
                throw ApiProblem.invalid(pointer, "must be an object");
            }
            return List.of(new Entry(kind, kind.section(), json, pointer));
        }
        if (json.isNull()) {
            return List.of();
        }
        if (!(json instanceof ArrayNode array)) {
            throw ApiProblem.invalid(pointer, "must be a list");
        }
        List<Entry> entries = new ArrayList<>();
        Set<String> labels = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            Entry entry = entry(kind, array.get(i), pointer + "/" + i);
            if (!labels.add(entry.label)) {
                throw ApiProblem.invalid(
                        entry.pointer,
                        "there are two of the name " + entry.name() + "; give each an id to tell them apart");
            }
            entries.add(entry);
        }
        return List.copyOf(entries);
    }

    private static Entry entry(ConfigKind kind, JsonNode json, String pointer) {
        if (kind == ConfigKind.TAGS ? !json.isString() : !(json instanceof ObjectNode)) {
            throw ApiProblem.invalid(pointer, kind == ConfigKind.TAGS ? "must be a tag's name" : "must be an object");
        }
        String name = ConfigLabels.name(kind, json);
        if (name.isEmpty()) {
            throw ApiProblem.invalid(
                    pointer,
                    kind == ConfigKind.ORIGINS || kind == ConfigKind.CERTIFICATE_SETTINGS
                            ? "needs a hostname"
                            : "needs a name");
        }
        String id = json.path("id").asString("");
        return new Entry(kind, id.isEmpty() ? name : ConfigLabels.labelOf(name, id), json, pointer);
    }

    /** Whether the file speaks of a kind at all. */
    boolean speaksOf(ConfigKind kind) {
        return sections.containsKey(kind);
    }

    /** In the file's order. */
    List<Entry> all(ConfigKind kind) {
        return sections.getOrDefault(kind, List.of());
    }
}
