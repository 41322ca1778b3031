package io.sallyport.control;

import java.util.function.Supplier;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/** This API's own description. */
@RestController
@Concerns(ResourceKind.ACCOUNT)
final class OpenApiController {
    private final Supplier<RequestMappingHandlerMapping> mappings;

    /** @param mappings supplied lazily, because they include this controller */
    OpenApiController(Supplier<RequestMappingHandlerMapping> mappings) {
        this.mappings = mappings;
    }

    /** The document without the API's envelope, as its readers expect it. */
    @GetMapping(ApiPaths.ROOT + "/openapi.json")
    ResponseEntity<JsonNode> document(AdminCall call) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .body(new OpenApiDocument(ApiShapes.read()).of(mappings.get()));
    }
}
