package io.sallyport.control;

import io.sallyport.catalog.PolicyRow;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Policies as the API shows them. */
final class PolicyViews {
    private PolicyViews() {}

    /** A reusable policy of the account. */
    static ObjectNode reusable(PolicyRow row, String account, int applications) {
        ObjectNode view = common(row).put("account_id", account).put("app_count", applications);
        return withTimes(view, row);
    }

    /** A policy as one of an application's. */
    static ObjectNode attached(PolicyRow row, int precedence, int applications) {
        ObjectNode view = common(row).put("precedence", precedence);
        if (row.reusable()) {
            view.put("app_count", applications);
        }
        return withTimes(view, row);
    }

    private static ObjectNode common(PolicyRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("uid", row.id().toString())
                .put("name", row.name())
                .put("decision", row.decision());
        row.body().properties().forEach(member -> view.set(member.getKey(), member.getValue()));
        return view.put("reusable", row.reusable());
    }

    private static ObjectNode withTimes(ObjectNode view, PolicyRow row) {
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
