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
    private final PlanningPlace planning;

    ReplayController(Replay replay, PlanningPlace planning) {
        this.replay = replay;
        this.planning = planning;
    }

    @PostMapping
    ResponseEntity<JsonNode> replay(AdminCall call, ConfigController.File body) {
        return ApiEnvelope.untagged(planning.oneAtATime(call, () -> replay.run(call, Fields.of(body.read()))));
    }
}
