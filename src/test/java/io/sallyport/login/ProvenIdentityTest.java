package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProvenIdentityTest {
    private static ProvenIdentity of(String name, List<Group> groups, Map<String, Object> claims) {
        return new ProvenIdentity(
                new Email("ada@example.com"),
                name,
                new IdpRef(new IdpId(UUID.randomUUID()), "github"),
                "GitHub",
                groups,
                List.of(),
                claims);
    }

    @Test
    void aNameIsOneLineAndNotAPage() {
        assertThat(of("Ada\r\nSet-Cookie: x\0", List.of(), Map.of()).name()).isEqualTo("Ada Set-Cookie: x");
        assertThat(of("\uD83D\uDE00".repeat(5000), List.of(), Map.of()).name()).hasSize(200);
        assertThat(of("a" + "\uD83D\uDE00".repeat(5000), List.of(), Map.of()).name())
                .as("no half of a character")
                .hasSize(199);
        assertThat(of(" \t", List.of(), Map.of()).name()).isNull();
    }

    /** The database would refuse all of it, and the person be told that it is down. */
    @Test
    void whatTheDatabaseCannotKeepIsAValueThatNoRuleNames() {
        ProvenIdentity identity =
                of("Ada", List.of(Group.named("adm\0ins")), Map.of("team", List.of("a\0", Map.of("b\0", 1))));
        assertThat(identity.groups()).containsExactly(Group.named("adm\uFFFDins"));
        assertThat(identity.claims()).containsEntry("team", List.of("a\uFFFD", Map.of("b\uFFFD", 1)));
    }
}
