package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** What serves a hostname, so that nobody has to look through every tunnel. Ours alone. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/hostnames")
@Concerns(value = ResourceKind.ORIGINS, also = ResourceKind.TUNNELS)
final class ServedHostnamesController {
    private final ServedHostnames hostnames;

    ServedHostnamesController(ServedHostnames hostnames) {
        this.hostnames = hostnames;
    }

    @GetMapping
    ResponseEntity<JsonNode> list(AdminCall call, Query query) {
        return ApiEnvelope.all(hostnames.of(query));
    }
}
