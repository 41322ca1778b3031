package io.sallyport.control;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a token may do: its role, narrowed by its scopes.
 *
 * @param scopes null means no restriction; kinds that are not listed are inaccessible
 */
record Permissions(AdminRole role, @Nullable Map<ResourceKind, Access> scopes) {
    /** Copies the scopes. */
    Permissions {
        scopes = scopes == null ? null : Map.copyOf(scopes);
    }

    /** Everything. */
    static Permissions full() {
        return new Permissions(AdminRole.OWNER, null);
    }

    /** Reads the stored permissions. An unknown word, perhaps from a newer release, grants nothing. */
    static Optional<Permissions> stored(String role, @Nullable JsonNode scopes) {
        return AdminRole.of(role).map(known -> {
            if (scopes == null) {
                return new Permissions(known, null);
            }
            Map<ResourceKind, Access> read = new EnumMap<>(ResourceKind.class);
            scopes.properties()
                    .forEach(scope -> ResourceKind.of(scope.getKey())
                            .ifPresent(kind -> Access.of(scope.getValue().asString(""))
                                    .ifPresent(access -> read.put(kind, access))));
            return new Permissions(known, read);
        });
    }

    /** Reads {@code role} and {@code scopes} of a request. */
    static Permissions read(AdminRole role, Optional<Fields> scopes) {
        if (scopes.isEmpty()) {
            return new Permissions(role, null);
        }
        Map<ResourceKind, Access> read = new EnumMap<>(ResourceKind.class);
        for (String word : scopes.get().json().propertyNames()) {
            ResourceKind kind = ResourceKind.of(word)
                    .orElseThrow(() -> scopes.get().invalid(word, "is no kind of resource; known are " + kinds()));
            scopes.get()
                    .oneOf(word, Set.of("read", "write"))
                    .flatMap(Access::of)
                    .ifPresent(access -> read.put(kind, access));
        }
        return new Permissions(role, read);
    }

    private static String kinds() {
        return Arrays.stream(ResourceKind.values()).map(ResourceKind::word).collect(Collectors.joining(", "));
    }

    /** The level of access to one kind of resource. */
    Access access(ResourceKind kind) {
        if (kind == ResourceKind.ACCOUNT) {
            return Access.READ;
        }
        Access most = role.access(kind);
        return scopes == null ? most : most.atMost(scopes.getOrDefault(kind, Access.NONE));
    }

    /** Whether these are all permissions. */
    boolean isFull() {
        return role == AdminRole.OWNER && scopes == null;
    }

    /**
     * Whether these include all permissions of another token, which is required to create, change or end that token.
     */
    boolean covers(Permissions other) {
        if (other.isFull() && !isFull()) {
            return false;
        }
        for (ResourceKind kind : ResourceKind.values()) {
            if (!access(kind).holds(other.access(kind))) {
                return false;
            }
        }
        return true;
    }

    /** Refuses a call without the needed permission: 404 for resources that the token cannot read (AD-02). */
    void require(Concerns.@Nullable Need need) {
        if (need == null) {
            if (!isFull()) {
                throw ApiProblem.forOwnersOnly();
            }
            return;
        }
        Access mine = access(need.kind());
        if (mine == Access.NONE || need.also().stream().anyMatch(other -> access(other) == Access.NONE)) {
            throw ApiProblem.noRoute();
        }
        if (!mine.holds(need.access())) {
            throw ApiProblem.mayOnlyRead(need.kind());
        }
    }

    /** The scopes as stored and shown, in a fixed order; null when there are none. */
    @Nullable
    ObjectNode scopesJson() {
        if (scopes == null) {
            return null;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (ResourceKind kind : ResourceKind.values()) {
            Access access = scopes.get(kind);
            if (access != null) {
                json.put(kind.word(), access.word());
            }
        }
        return json;
    }
}
