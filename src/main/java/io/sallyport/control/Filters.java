package io.sallyport.control;

import java.util.Locale;
import java.util.Optional;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;

/** List filters on columns, and the one order of all lists: creation time, then id, which no page turn upsets. */
final class Filters {
    static final Sort BY_AGE = Sort.by("createdAt", "id");

    private Filters() {}

    /** The filters {@code name} and {@code search} that most lists have: substrings of the name, without regard to case. */
    static <R> Specification<R> byName(Query query) {
        return Filters.<R>contains("name", query.text("name")).and(contains("name", query.text("search")));
    }

    /** A column that holds the text, without regard to case; everything when there is none. */
    static <R> Specification<R> contains(String column, Optional<String> part) {
        return (root, criteria, builder) -> part.map(text -> builder.like(
                        builder.lower(root.get(column)), "%" + escape(text.toLowerCase(Locale.ROOT)) + "%", '\\'))
                .orElseGet(builder::conjunction);
    }

    /** A column that is the text; everything when there is none. */
    static <R> Specification<R> is(String column, Optional<String> value) {
        return (root, criteria, builder) ->
                value.map(text -> builder.equal(root.get(column), text)).orElseGet(builder::conjunction);
    }

    /** A column whose names are in the zone. */
    static <R> Specification<R> within(String column, ZoneDomain zone) {
        return (root, criteria, builder) -> zone.name()
                .map(domain -> builder.or(
                        builder.equal(root.get(column), domain),
                        builder.like(root.get(column), "%." + escape(domain), '\\')))
                .orElseGet(builder::conjunction);
    }

    /** One page of the rows that pass. */
    static <R> Paged<R> page(JpaSpecificationExecutor<R> rows, Specification<R> filter, Paging paging) {
        Page<R> page = rows.findAll(filter, PageRequest.of(paging.page() - 1, paging.perPage(), BY_AGE));
        return new Paged<>(paging, page.getContent(), page.getTotalElements());
    }

    /** A wildcard in what a caller searches for is text, not a wildcard. */
    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
    }
}
