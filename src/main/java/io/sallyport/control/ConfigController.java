package io.sallyport.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The whole configuration as one file: out, compared, and in (ours alone). Here it is JSON; the command line makes it YAML. */
@RestController
@Concerns(ResourceKind.CONFIGURATION)
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport")
final class ConfigController {
    private static final String SCHEMA = "/schema/sallyport.schema.json";

    private final ConfigExport export;
    private final ConfigApply apply;
    private final PlanningPlace planning;

    ConfigController(ConfigExport export, ConfigApply apply, PlanningPlace planning) {
        this.export = export;
        this.apply = apply;
        this.planning = planning;
    }

    /** A body that may be as large as the whole configuration, and so is read only when it is its turn. */
    interface File {
        /** Reads it, once. Blocking. */
        ObjectNode read();
    }

    @GetMapping("/export")
    ResponseEntity<JsonNode> export(AdminCall call) {
        return ApiEnvelope.untagged(export.read().document());
    }

    /** {@code dry_run=true} only plans; {@code base_version} is that of the plan, which must still be true. */
    @PostMapping("/apply")
    ResponseEntity<JsonNode> apply(AdminCall call, Query query, File file) {
        return ApiEnvelope.untagged(
                query.flag("dry_run")
                        ? plan(call, file)
                        : apply.apply(call, file.read(), query.integer("base_version", 0, Integer.MAX_VALUE)));
    }

    /** Open to who only reads: for them it fetches nothing and compares no secret, see {@link LeftOpen}. */
    @Concerns(value = ResourceKind.CONFIGURATION, needs = Access.READ)
    @PostMapping("/diff")
    ResponseEntity<JsonNode> diff(AdminCall call, File file) {
        return ApiEnvelope.untagged(plan(call, file));
    }

    private ObjectNode plan(AdminCall call, File file) {
        return planning.oneAtATime(call, () -> apply.plan(call, file.read()));
    }

    /** For editors, so without the envelope. */
    @GetMapping("/schema.json")
    ResponseEntity<JsonNode> schema(AdminCall call) {
        try (InputStream schema = Objects.requireNonNull(getClass().getResourceAsStream(SCHEMA))) {
            return ResponseEntity.ok()
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(JsonMapper.shared().readTree(schema));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
