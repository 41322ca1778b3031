package io.sallyport.control;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Tries a change on what was decided before, without making it (ours alone). Its examples name people and their visits. */
@RestController
@RequestMapping(ApiPaths.ACCOUNT + "/sallyport/replay")
@Concerns(
        value = ResourceKind.POLICIES,
        needs = Access.READ,
        also = {ResourceKind.LOGS, ResourceKind.USERS})
final class ReplayController {
    private final Replay replay;

    ReplayController(Replay replay) {
        this.replay = replay;
    }

    @PostMapping
    ResponseEntity<JsonNode> replay(AdminCall call, ConfigController.File body) {
        return ApiEnvelope.untagged(replay.run(call, Fields.of(body.json())));
    }
}
