package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Zones: looked up by everybody, changed by who may change names. */
@RestController
@RequestMapping(ApiPaths.ROOT + "/zones")
@Concerns(ResourceKind.DNS)
final class ZonesController {
    private final Zones zones;

    ZonesController(Zones zones) {
        this.zones = zones;
    }

    @GetMapping
    @Concerns(ResourceKind.ACCOUNT)
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.page(zones.list(query));
    }

    @PostMapping
    ResponseEntity<JsonNode> create(AdminCall call, Fields body) {
        return ApiEnvelope.of(zones.create(call, body));
    }

    @GetMapping("/{zone}")
    @Concerns(ResourceKind.ACCOUNT)
    ResponseEntity<JsonNode> get(AdminCall call, @PathVariable String zone) {
        return ApiEnvelope.of(zones.get(zone));
    }

    @PatchMapping("/{zone}")
    ResponseEntity<JsonNode> merge(AdminCall call, @PathVariable String zone, Fields body) {
        return ApiEnvelope.of(zones.merge(call, zone, body));
    }

    @DeleteMapping("/{zone}")
    ResponseEntity<JsonNode> delete(AdminCall call, @PathVariable String zone) {
        zones.delete(call, zone);
        return ApiEnvelope.deleted(zone);
    }
}
