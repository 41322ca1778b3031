package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Roles, scopes, and who stands above whom. */
class PermissionsTest {
    @Test
    @DisplayName("AD-02: the table of roles")
    void theTableOfRoles() {
        for (ResourceKind kind : ResourceKind.values()) {
            assertThat(AdminRole.OWNER.access(kind)).isEqualTo(Access.WRITE);
            assertThat(AdminRole.EDITOR.access(kind))
                    .as(kind.word())
                    .isEqualTo(kind == ResourceKind.API_TOKENS ? Access.NONE : Access.WRITE);
            assertThat(AdminRole.AUDITOR.access(kind))
                    .as(kind.word())
                    .isEqualTo(kind == ResourceKind.TUNNEL_TOKENS ? Access.NONE : Access.READ);
        }
    }

    @Test
    void scopesNarrowARoleAndNeverWidenIt() {
        Permissions editor = new Permissions(
                AdminRole.EDITOR, Map.of(ResourceKind.GROUPS, Access.READ, ResourceKind.API_TOKENS, Access.WRITE));
        assertThat(editor.access(ResourceKind.GROUPS)).isEqualTo(Access.READ);
        assertThat(editor.access(ResourceKind.API_TOKENS)).isEqualTo(Access.NONE);
        assertThat(editor.access(ResourceKind.APPLICATIONS)).isEqualTo(Access.NONE);
        assertThat(editor.access(ResourceKind.ACCOUNT)).isEqualTo(Access.READ);
    }

    @Test
    @DisplayName("AD-10: an owner with scopes does not stand above one without, whatever the scopes")
    void scopedOwnersAreNotFull() {
        Permissions scoped = Permissions.stored(
                        "owner", JsonMapper.shared().readTree("{\"api_tokens\": \"write\", \"groups\": \"write\"}"))
                .orElseThrow();
        assertThat(scoped.covers(Permissions.full())).isFalse();
        assertThat(Permissions.full().covers(scoped)).isTrue();
        assertThat(scoped.covers(scoped)).isTrue();
        assertThat(scoped.covers(new Permissions(AdminRole.EDITOR, null))).isFalse();
    }

    @Test
    void whatIsStoredButNotUnderstoodAllowsNothing() {
        assertThat(Permissions.stored("emperor", null)).isEmpty();
        Permissions odd = Permissions.stored(
                        "owner", JsonMapper.shared().readTree("{\"groups\": \"admin\", \"nosuch\": \"write\"}"))
                .orElseThrow();
        assertThat(odd.access(ResourceKind.GROUPS)).isEqualTo(Access.NONE);
        assertThat(odd.isFull()).isFalse();
    }
}
