package io.sallyport.control;

import io.sallyport.catalog.AccountRow;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What clients ask first: whether their token is valid, and the account's id. */
@RestController
@RequestMapping(ApiPaths.ROOT)
@Concerns(ResourceKind.ACCOUNT)
final class AccountsController {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final AccountScope scope;

    AccountsController(AccountScope scope) {
        this.scope = scope;
    }

    @GetMapping("/user/tokens/verify")
    ResponseEntity<JsonNode> verify(AdminCall call) {
        ObjectNode token = JSON.objectNode().put("id", call.holder().tokenId()).put("status", "active");
        if (call.holder().expiresAt() != null) {
            token.put("expires_on", ApiTimes.text(call.holder().expiresAt()));
        }
        return ApiEnvelope.untagged(token);
    }

    @GetMapping("/user")
    ResponseEntity<JsonNode> user(AdminCall call) {
        return ApiEnvelope.untagged(
                JSON.objectNode().put("id", call.holder().tokenId()).put("username", call.actor()));
    }

    /** What the caller belongs to: the one account. */
    @GetMapping("/memberships")
    ResponseEntity<JsonNode> memberships(AdminCall call, Query query) {
        ObjectNode membership =
                JSON.objectNode().put("id", call.holder().tokenId()).put("status", "accepted");
        membership.set("account", account());
        return ApiEnvelope.page(Paged.cut(query.paging(), List.of(membership)));
    }

    @GetMapping("/accounts")
    ResponseEntity<JsonNode> accounts(AdminCall call, Query query) {
        ObjectNode account = account();
        return ApiEnvelope.page(
                Paged.cut(query.paging(), named(query, "name", account) ? List.of(account) : List.of()));
    }

    @GetMapping("/accounts/{account}")
    ResponseEntity<JsonNode> account(AdminCall call) {
        return ApiEnvelope.of(account());
    }

    private static boolean named(Query query, String parameter, ObjectNode candidate) {
        return query.text(parameter)
                .map(name -> name.equals(candidate.get("name").stringValue()))
                .orElse(true);
    }

    private ObjectNode account() {
        AccountRow row = scope.account();
        ObjectNode view =
                JSON.objectNode().put("id", row.id()).put("name", row.name()).put("type", "standard");
        view.putObject("settings");
        view.set("created_on", ApiTimes.node(row.createdAt()));
        return view;
    }
}
