package io.sallyport.control;

import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Authentication logs (spec/rest-api.md §13) and, ours alone, the trail of admin changes. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT)
@Concerns(ResourceKind.LOGS)
final class LogsController {
    private final AccessLogs logs;
    private final AuditHistory trail;

    LogsController(AccessLogs logs, AuditHistory trail) {
        this.logs = logs;
        this.trail = trail;
    }

    /** Older Go clients ask with a hyphen. */
    @GetMapping({"/access/logs/access_requests", "/access/logs/access-requests"})
    ResponseEntity<JsonNode> accessRequests(AdminCall call, Query query) {
        return ApiEnvelope.all(logs.accessRequests(query));
    }

    /** Nothing comes in by SCIM. */
    @GetMapping("/access/logs/scim/updates")
    ResponseEntity<JsonNode> scimUpdates(AdminCall call) {
        return ApiEnvelope.all(List.of());
    }

    @GetMapping("/sallyport/audit")
    @Concerns(ResourceKind.AUDIT)
    ResponseEntity<JsonNode> audit(AdminCall call, Query query) {
        return ApiEnvelope.page(trail.list(query));
    }
}
