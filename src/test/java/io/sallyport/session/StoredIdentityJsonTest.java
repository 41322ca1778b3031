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
}
