package io.sallyport.control;

import io.sallyport.http.HostName;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Where a hostname leads: to a tunnel, or to origins that the gateway reaches itself; by its own name or by a wildcard. */
final class ServedHostnames {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Transactions transactions;
    private final JdbcClient jdbc;

    ServedHostnames(Transactions transactions, JdbcClient jdbc) {
        this.transactions = transactions;
        this.jdbc = jdbc;
    }

    /** Everything that serves {@code hostname}, its own name first and then the narrowest wildcard, which is the order of the gate. */
    List<ObjectNode> of(Query query) {
        String hostname = query.text("hostname").orElse("");
        String[] names = names(HostName.parse(hostname.startsWith("*.") ? hostname.substring(2) : hostname)
                .map(host -> hostname.startsWith("*.") ? "*." + host.value() : host.value())
                .orElseThrow(
                        () -> ApiProblem.invalidParameter("hostname", "must be a host name such as wiki.example.com")));
        return transactions.read(() -> {
            List<ObjectNode> found = new ArrayList<>(jdbc.sql("""
                            select distinct h.hostname, t.id, t.name from tunnel_hostnames h join tunnels t on t.id = h.tunnel_id
                            where h.hostname = any(?)""")
                    .param(names)
                    .query((row, number) -> {
                        ObjectNode served = JSON.objectNode().put("hostname", row.getString("hostname"));
                        served.putObject("tunnel")
                                .put("id", row.getString("id"))
                                .put("name", row.getString("name"));
                        return served;
                    })
                    .list());
            found.addAll(jdbc.sql(
                            "select hostname, id, path, service from origins where hostname = any(?) order by path")
                    .param(names)
                    .query((row, number) -> {
                        ObjectNode served = JSON.objectNode().put("hostname", row.getString("hostname"));
                        served.putObject("origin")
                                .put("id", row.getString("id"))
                                .put("path", row.getString("path"))
                                .put("service", row.getString("service"));
                        return served;
                    })
                    .list());
            List<String> order = List.of(names);
            found.sort((one, other) -> Integer.compare(
                    order.indexOf(one.path("hostname").asString()),
                    order.indexOf(other.path("hostname").asString())));
            return found;
        });
    }

    /** The hostname and every wildcard above it. */
    private static String[] names(String hostname) {
        List<String> names = new ArrayList<>(List.of(hostname));
        String rest = hostname.startsWith("*.") ? hostname.substring(2) : hostname;
        for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
            rest = rest.substring(dot + 1);
            names.add("*." + rest);
        }
        return names.toArray(String[]::new);
    }
}
