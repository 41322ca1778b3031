package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoredIdentityJsonTest {
    @Test
    void readWhenWrittenThenTheSameIdentity() {
        Identity ada = World.ada();
        assertThat(StoredIdentityJson.read(StoredIdentityJson.write(ada))).isEqualTo(ada);

        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("z", List.of("one", Map.of("deep", true)));
        claims.put("a", 7);
        Identity bare = new Identity(
                World.ADA,
                new Email("ada@example.com"),
                null,
                new IdpRef(World.KEYCLOAK, "onetimepin"),
                List.of(),
                List.of(),
                claims,
                null,
                null,
                World.NOW.plusNanos(123_456_789),
                new IdentityNonce("n"));
        Identity back = StoredIdentityJson.read(StoredIdentityJson.write(bare));
        assertThat(back).isEqualTo(bare);
        assertThat(back.claims().keySet())
                .as("order decides what a token drops")
                .containsExactly("z", "a");
    }

    @Test
    void readWhenDamagedThenSaysSo() {
        assertThatThrownBy(() -> StoredIdentityJson.read("{}")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoredIdentityJson.read("junk")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void describeWhenAskedThenEveryMemberOfTheSpecificationIsThere() {
        Map<String, Object> json = StoredIdentityJson.describe(World.ada(), "a".repeat(32));

        assertThat(json)
                .containsKeys(
                        "id",
                        "name",
                        "email",
                        "groups",
                        "amr",
                        "idp",
                        "geo",
                        "user_uuid",
                        "account_id",
                        "iat",
                        "ip",
                        "auth_status",
                        "common_name",
                        "service_token_id",
                        "service_token_status",
                        "is_warp",
                        "is_gateway",
                        "gateway_account_id",
                        "device_id",
                        "devicePosture",
                        "device_sessions",
                        "mtls_auth",
                        "version",
                        "oidc_fields")
                .containsEntry(
                        "groups",
                        List.of("staff", Map.of("id", "id-7", "name", "admins", "email", "admins@example.com")))
                .containsEntry("geo", Map.of("country", "PT"))
                .containsEntry("oidc_fields", Map.of("department", "engines"));
    }
}
