package io.sallyport.control;

import io.sallyport.token.CheckpointKey;
import java.util.Base64;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Authentication logs and, ours alone, the trail of admin changes. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT)
@Concerns(ResourceKind.LOGS)
final class LogsController {
    private final AccessLogs logs;
    private final AuditHistory trail;
    private final DirectoryViews directories;
    private final AuditExport export;
    private final AuditSeals seals;

    LogsController(
            AccessLogs logs, AuditHistory trail, DirectoryViews directories, AuditExport export, AuditSeals seals) {
        this.logs = logs;
        this.trail = trail;
        this.directories = directories;
        this.export = export;
        this.seals = seals;
    }

    /** The path with a hyphen is used by older Go clients. */
    @GetMapping({"/access/logs/access_requests", "/access/logs/access-requests"})
    ResponseEntity<JsonNode> accessRequests(AdminCall call, Query query) {
        return ApiEnvelope.all(logs.accessRequests(query));
    }

    /** Changes that directories requested by SCIM. */
    @GetMapping("/access/logs/scim/updates")
    ResponseEntity<JsonNode> scimUpdates(AdminCall call, Query query) {
        return ApiEnvelope.all(directories.updates(query));
    }

    @GetMapping("/sallyport/audit")
    @Concerns(ResourceKind.AUDIT)
    ResponseEntity<JsonNode> audit(AdminCall call, Query query) {
        return ApiEnvelope.page(trail.list(query));
    }

    /** Lines of JSON for {@code sallyport audit verify}. */
    @GetMapping("/sallyport/audit/export")
    @Concerns(ResourceKind.AUDIT)
    ResponseEntity<Flux<String>> export(AdminCall call, Query query) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_NDJSON)
                .header("content-disposition", "attachment; filename=\"audit.jsonl\"")
                .header("cache-control", "no-store")
                .body(export.lines(query));
    }

    /** The result of the last verification of the chain, which runs every ten minutes. */
    @GetMapping("/sallyport/audit/state")
    @Concerns(ResourceKind.AUDIT)
    ResponseEntity<JsonNode> state(AdminCall call) {
        return ApiEnvelope.untagged(seals.state());
    }

    /** The key that signs checkpoints: to be stored elsewhere, and passed to {@code audit verify --key}. */
    @GetMapping("/sallyport/audit/key")
    @Concerns(ResourceKind.AUDIT)
    ResponseEntity<JsonNode> key(AdminCall call) {
        CheckpointKey key = seals.key();
        return ApiEnvelope.of(JsonNodeFactory.instance
                .objectNode()
                .put("kid", key.kid())
                .put("alg", "ES256")
                .put("public_key", Base64.getEncoder().encodeToString(key.publicKeyBytes())));
    }
}
