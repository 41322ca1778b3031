package io.sallyport.control;

import io.sallyport.catalog.IdentityProviderRow;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Identity providers as the API shows them: without secrets, and with the addresses they are to be told. */
final class IdentityProviderViews {
    private final TeamDomain team;

    IdentityProviderViews(TeamDomain team) {
        this.team = team;
    }

    ObjectNode of(IdentityProviderRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("uid", row.id().toString())
                .put("name", row.name())
                .put("type", row.type());
        row.body()
                .properties()
                .forEach(member -> view.set(member.getKey(), member.getValue().deepCopy()));
        view.withObject("config").put("redirect_url", team.callback());
        if (view.path("scim_config") instanceof ObjectNode scim) {
            scim.put("scim_base_url", team.scim(row.id()));
        }
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
