package io.sallyport.scim;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/** A filter as SQL with named parameters; only attributes the table knows, and values only as parameters. */
record Conditions(String sql, Map<String, String> values) {
    static Conditions of(Optional<ScimFilter> filter, Map<String, String> columns) {
        StringBuilder sql = new StringBuilder();
        Map<String, String> values = new LinkedHashMap<>();
        filter.ifPresent(given -> given.equal().forEach((attribute, value) -> {
            String column = columns.get(attribute);
            if (column == null) {
                throw ScimProblem.filter(attribute + " cannot be asked for");
            }
            String parameter = "f" + values.size();
            values.put(parameter, value);
            sql.append(" and ").append(column.formatted(parameter));
        }));
        return new Conditions(sql.toString(), values);
    }

    StatementSpec apply(StatementSpec statement) {
        StatementSpec with = statement;
        for (Map.Entry<String, String> value : values.entrySet()) {
            with = with.param(value.getKey(), value.getValue());
        }
        return with;
    }
}
