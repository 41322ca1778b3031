package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.snapshot.Revocations;
import io.sallyport.snapshot.SnapshotHolder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of tokens that were issued for a service token which is no more. */
class ServiceTokenRevocationIT {
    private static final String TOKENS = "/access/service_tokens";

    private static Revocations revocations() {
        return Objects.requireNonNull(
                        Api.server().context().getBean(SnapshotHolder.class).current())
                .revocations();
    }

    private static ObjectNode token() {
        return Api.create(TOKENS, "{\"name\": \"" + Api.unique("robot") + "\"}").object();
    }

    private static boolean isRevoked(ObjectNode token) {
        return revocations()
                .revokedService(
                        token.path("client_id").asString(),
                        InstantSource.system().instant().minusSeconds(60));
    }

    @Test
    @DisplayName("CS-07: disabling or deleting a service token revokes what was issued for it, renaming it does not")
    void cs07DisablingAndDeletingRevokeWhatWasIssued() {
        ObjectNode disabled = token();
        ObjectNode deleted = token();
        ObjectNode renamed = token();
        Api.must("PUT", TOKENS + "/" + renamed.path("id").asString(), "{\"name\": \"" + Api.unique("robot") + "\"}");
        Api.must("PUT", TOKENS + "/" + disabled.path("id").asString(), "{\"enabled\": false}");
        Api.must("DELETE", TOKENS + "/" + deleted.path("id").asString(), null);
        await().atMost(Duration.ofSeconds(10)).until(() -> isRevoked(disabled) && isRevoked(deleted));
        assertThat(isRevoked(renamed)).isFalse();
        Api.must("PUT", TOKENS + "/" + disabled.path("id").asString(), "{\"enabled\": true}");
        assertThat(revocations()
                        .revokedService(
                                disabled.path("client_id").asString(),
                                InstantSource.system().instant().plusSeconds(2)))
                .as("issued after it was enabled again")
                .isFalse();
    }
}
