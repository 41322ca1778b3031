package io.sallyport.control;

import io.sallyport.catalog.TunnelRow;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.data.jpa.domain.Specification;

/** The filters of tunnel lists that are about columns; {@code status} is about what is connected. */
final class TunnelFilters {
    private static final Set<String> TYPES = Set.of("cfd_tunnel");

    private TunnelFilters() {}

    static Specification<TunnelRow> of(Query query) {
        return Filters.<TunnelRow>is("name", query.text("name"))
                .and(uuid(query))
                .and(deleted(query))
                .and(prefix(query.text("include_prefix").or(() -> query.text("name_prefix"))))
                .and(query.text("exclude_prefix").isEmpty() ? all() : not(prefix(query.text("exclude_prefix"))))
                .and(existed(query.instant("existed_at")))
                .and(activeSince(query.instant("was_active_at")))
                .and(inactiveSince(query.instant("was_inactive_at")))
                .and(types(query));
    }

    private static Specification<TunnelRow> all() {
        return (root, criteria, builder) -> builder.conjunction();
    }

    private static Specification<TunnelRow> not(Specification<TunnelRow> other) {
        return Specification.not(other);
    }

    private static Specification<TunnelRow> uuid(Query query) {
        Optional<UUID> id = query.text("uuid")
                .map(text -> Ids.parse(text).orElseThrow(() -> ApiProblem.invalidParameter("uuid", "must be a UUID")));
        return (root, criteria, builder) ->
                id.map(value -> builder.equal(root.get("id"), value)).orElseGet(builder::conjunction);
    }

    private static Specification<TunnelRow> deleted(Query query) {
        if (query.text("is_deleted").isEmpty()) {
            return all();
        }
        boolean deleted = query.flag("is_deleted");
        return (root, criteria, builder) ->
                deleted ? builder.isNotNull(root.get("deletedAt")) : builder.isNull(root.get("deletedAt"));
    }

    private static Specification<TunnelRow> prefix(Optional<String> prefix) {
        return (root, criteria, builder) -> prefix.map(
                        text -> builder.equal(builder.substring(root.get("name"), 1, text.length()), text))
                .orElseGet(builder::conjunction);
    }

    private static Specification<TunnelRow> existed(Optional<Instant> at) {
        return (root, criteria, builder) -> at.map(time -> builder.and(
                        builder.lessThanOrEqualTo(root.get("createdAt"), time),
                        builder.or(
                                builder.isNull(root.get("deletedAt")),
                                builder.greaterThan(root.get("deletedAt"), time))))
                .orElseGet(builder::conjunction);
    }

    private static Specification<TunnelRow> activeSince(Optional<Instant> at) {
        return (root, criteria, builder) -> at.map(time -> builder.lessThanOrEqualTo(root.get("connsActiveAt"), time))
                .orElseGet(builder::conjunction);
    }

    private static Specification<TunnelRow> inactiveSince(Optional<Instant> at) {
        return (root, criteria, builder) -> at.map(time -> builder.lessThanOrEqualTo(root.get("connsInactiveAt"), time))
                .orElseGet(builder::conjunction);
    }

    /** There is one type of tunnel; who asks for others alone gets none. */
    private static Specification<TunnelRow> types(Query query) {
        boolean ours = query.texts("tun_types").isEmpty()
                || query.texts("tun_types").stream().anyMatch(TYPES::contains);
        return (root, criteria, builder) -> ours ? builder.conjunction() : builder.disjunction();
    }
}
