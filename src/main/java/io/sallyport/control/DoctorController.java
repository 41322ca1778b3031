package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import tools.jackson.databind.JsonNode;

/** Examinations (ours alone): what {@code sallyport doctor} prints. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/doctor")
final class DoctorController {
    private final GatewayExamination gateway;
    private final ProviderExaminations providers;
    private final ProviderSetup setup;
    private final MetadataRenewal metadata;

    DoctorController(
            GatewayExamination gateway, ProviderExaminations providers, ProviderSetup setup, MetadataRenewal metadata) {
        this.gateway = gateway;
        this.providers = providers;
        this.setup = setup;
        this.metadata = metadata;
    }

    @GetMapping
    @Concerns(ResourceKind.ACCOUNT)
    ResponseEntity<JsonNode> gateway(AdminCall call, ServerWebExchange exchange) {
        return ApiEnvelope.untagged(gateway.examine(call, exchange));
    }

    @GetMapping("/identity_providers")
    @Concerns(ResourceKind.IDENTITY_PROVIDERS)
    ResponseEntity<JsonNode> setup(AdminCall call) {
        return ApiEnvelope.all(setup.all());
    }

    /** Calls the provider, so it takes more than reading. */
    @PostMapping("/identity_providers/{id}")
    @Concerns(ResourceKind.IDENTITY_PROVIDERS)
    ResponseEntity<JsonNode> provider(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(providers.examine(Ids.inPath(id)));
    }

    /** When the metadata of a SAML provider was read, and what came of it. */
    @GetMapping("/identity_providers/{id}/metadata")
    @Concerns(ResourceKind.IDENTITY_PROVIDERS)
    ResponseEntity<JsonNode> metadata(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(metadata.show(Ids.inPath(id)));
    }

    /** Reads it now, which changes the provider if the document says otherwise than before. */
    @PostMapping("/identity_providers/{id}/metadata")
    @Concerns(ResourceKind.IDENTITY_PROVIDERS)
    ResponseEntity<JsonNode> readMetadata(AdminCall call, @PathVariable String id) {
        return ApiEnvelope.untagged(metadata.readNow(Ids.inPath(id)));
    }
}
