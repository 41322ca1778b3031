package io.sallyport.scim;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.ObjectNode;

/**
 * The table of one kind of resource, as far as all kinds are read alike; a directory never sees another's rows.
 *
 * @param columns how an attribute of a filter is asked of the table
 */
record DirectoryTable<T>(JdbcClient jdbc, String name, Map<String, String> columns, RowMapper<T> mapper) {
    /**
     * One resource, locked for the rest of the transaction.
     *
     * @throws ScimProblem when the directory has none of that id
     */
    T find(Directory directory, UUID id) {
        return jdbc.sql("select * from " + name + " where id = :id and idp_id = :idp for update")
                .param("id", id)
                .param("idp", directory.idp())
                .query(mapper)
                .optional()
                .orElseThrow(ScimProblem::notFound);
    }

    /** Those that pass the filter, oldest first; as many as asked for from a place, which counts from 1. */
    ScimResources.Page page(
            Directory directory, Optional<ScimFilter> filter, int startIndex, int count, Function<T, ObjectNode> view) {
        Conditions conditions = Conditions.of(filter, columns);
        String rows = " from " + name + " where idp_id = :idp" + conditions.sql();
        int total = conditions
                .apply(jdbc.sql("select count(*)" + rows).param("idp", directory.idp()))
                .query(Integer.class)
                .single();
        return new ScimResources.Page(
                total,
                conditions
                        .apply(jdbc.sql("select *" + rows + " order by created_at, id limit :count offset :skip")
                                .param("idp", directory.idp())
                                .param("count", count)
                                .param("skip", startIndex - 1))
                        .query(mapper)
                        .list()
                        .stream()
                        .map(view)
                        .toList());
    }
}
