package io.sallyport.control;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** DNS records, and the short way to make a hostname lead to a tunnel. */
@RestController
@RequestMapping(ApiPaths.ZONE)
@Concerns(ResourceKind.DNS)
final class DnsRecordsController {
    private static final MediaType ZONE_FILE = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    private final DnsRecordChanges records;
    private final AccountScope scope;
    private final Guards guards;
    private final DnsBatch batch;
    private final DnsZoneFiles files;

    DnsRecordsController(
            DnsRecordChanges records, DnsBatch batch, DnsZoneFiles files, AccountScope scope, Guards guards) {
        this.records = records;
        this.batch = batch;
        this.files = files;
        this.scope = scope;
        this.guards = guards;
    }

    @GetMapping("/dns_records")
    ResponseEntity<JsonNode> list(AdminCall call, @PathVariable String zone, Query query) {
        return ApiEnvelope.page(records.list(scope.domain(zone), query));
    }

    @PostMapping("/dns_records")
    ResponseEntity<JsonNode> create(AdminCall call, @PathVariable String zone, Fields body) {
        return ApiEnvelope.of(records.create(call, scope.domain(zone), body));
    }

    @PostMapping("/dns_records/batch")
    ResponseEntity<JsonNode> batch(AdminCall call, @PathVariable String zone, Fields body) {
        return ApiEnvelope.untagged(batch.make(call, scope.domain(zone), body));
    }

    /** A zone file, without the envelope. */
    @GetMapping("/dns_records/export")
    ResponseEntity<String> export(AdminCall call, @PathVariable String zone) {
        return ResponseEntity.ok()
                .contentType(ZONE_FILE)
                .header("content-disposition", "attachment; filename=\"zone.txt\"")
                .header("cache-control", "no-store")
                .body(files.write(scope.domain(zone)));
    }

    @PostMapping("/dns_records/import")
    ResponseEntity<JsonNode> load(AdminCall call, @PathVariable String zone, ZoneUpload file) {
        return ApiEnvelope.untagged(files.read(call, scope.domain(zone), file));
    }

    @GetMapping("/dns_records/{id}")
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String zone, @PathVariable String id) {
        return ApiEnvelope.of(records.get(scope.domain(zone), record(id)));
    }

    @PutMapping("/dns_records/{id}")
    ResponseEntity<JsonNode> replace(AdminCall call, @PathVariable String zone, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(records.replace(call, scope.domain(zone), record(id), body));
    }

    @PatchMapping("/dns_records/{id}")
    ResponseEntity<JsonNode> merge(AdminCall call, @PathVariable String zone, @PathVariable String id, Fields body) {
        return ApiEnvelope.of(records.merge(call, scope.domain(zone), record(id), body));
    }

    @DeleteMapping("/dns_records/{id}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String zone, @PathVariable String id) {
        records.delete(call, scope.domain(zone), record(id));
        return ApiEnvelope.deleted(id);
    }

    /** Says beside, for our own command line, who can come in by that name. */
    @PutMapping("/tunnels/{id}/routes")
    @Concerns(ResourceKind.TUNNELS)
    ResponseEntity<JsonNode> route(AdminCall call, @PathVariable String zone, @PathVariable String id, Fields body) {
        UUID tunnel = Ids.parse(id).orElseThrow(ApiProblem::noSuchTunnel);
        ObjectNode routed = records.route(call, scope.domain(zone), tunnel, body);
        guards.at(routed.path("name").stringValue("")).ifPresent(admits -> routed.put("admits", admits.word()));
        return ApiEnvelope.untagged(routed);
    }

    private static UUID record(String id) {
        return Ids.parseCompact(id).orElseThrow(ApiProblem::noSuchRecord);
    }
}
