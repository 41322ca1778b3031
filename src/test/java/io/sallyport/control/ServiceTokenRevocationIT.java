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
        await().atMost(Duration.ofSeconds(30)).until(() -> isRevoked(disabled) && isRevoked(deleted));
        assertThat(isRevoked(renamed)).isFalse();
        Api.must("PUT", TOKENS + "/" + disabled.path("id").asString(), "{\"enabled\": true}");
        assertThat(revocations()
                        .revokedService(
                                disabled.path("client_id").asString(),
                                InstantSource.system().instant().plusSeconds(2)))
                .as("issued after it was enabled again")
                .isFalse();
    }

    private static ObjectNode rotate(ObjectNode token, String body) {
        return Api.must("POST", TOKENS + "/" + token.path("id").asString() + "/rotate", body)
                .object();
    }

    private static String in(Duration span) {
        return InstantSource.system().instant().plus(span).toString();
    }

    @Test
    @DisplayName(
            "ST-04: a secret that ends at once takes with it what was issued for it; one with a grace does when that is over")
    void st04WhatWasIssuedEndsWithTheSecret() {
        ObjectNode atOnce = token();
        ObjectNode byVersion = token();
        ObjectNode gracious = token();
        ObjectNode cutShort = token();
        ObjectNode pushedOut = token();
        ObjectNode brief = token();
        String hour = "{\"previous_client_secret_expires_at\": \"" + in(Duration.ofHours(1)) + "\"}";
        rotate(atOnce, "{}");
        Api.must("PUT", TOKENS + "/" + byVersion.path("id").asString(), "{\"client_secret_version\": 2}");
        rotate(gracious, hour);
        rotate(cutShort, hour);
        rotate(pushedOut, hour);
        rotate(brief, "{\"previous_client_secret_expires_at\": \"" + in(Duration.ofSeconds(2)) + "\"}");
        Api.must(
                "PUT",
                TOKENS + "/" + cutShort.path("id").asString(),
                "{\"previous_client_secret_expires_at\": \"" + in(Duration.ofHours(-1)) + "\"}");
        rotate(pushedOut, hour); // the first secret ends now, the second in an hour
        await().atMost(Duration.ofSeconds(30))
                .until(() -> isRevoked(atOnce)
                        && isRevoked(byVersion)
                        && isRevoked(cutShort)
                        && isRevoked(pushedOut)
                        && isRevoked(brief));
        assertThat(isRevoked(gracious)).isFalse();
    }
}
