package io.sallyport.scim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** PATCH as Okta and Entra write it, and filters as both ask them. */
class ScimPatchTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static ObjectNode patched(String operations) {
        ObjectNode user = (ObjectNode) JSON.readTree("""
                {"userName":"ada@example.com","active":true,"name":{"givenName":"Ada"},
                 "emails":[{"type":"work","value":"ada@example.com","primary":true},{"type":"home","value":"ada@home.example"}]}""");
        ScimPatch.apply(user, ScimPatch.read(JSON.readTree("{\"Operations\":" + operations + "}")));
        return user;
    }

    @Test
    void oktaDisablesWithoutAPath() {
        assertThat(patched("[{\"op\":\"replace\",\"value\":{\"active\":false}}]")
                        .path("active")
                        .booleanValue())
                .isFalse();
    }

    @Test
    void entraDisablesWithACapitalVerbAndATextForFalse() {
        assertThat(patched("[{\"op\":\"Replace\",\"path\":\"active\",\"value\":\"False\"}]")
                        .path("active")
                        .asString())
                .isEqualTo("False");
    }

    @Test
    void entraChangesOneOfSeveralAddressesAndMakesOneThatIsMissing() {
        ObjectNode user = patched("""
                [{"op":"Replace","path":"emails[type eq \\"work\\"].value","value":"ada@new.example"},
                 {"op":"Add","path":"emails[type eq \\"other\\"].value","value":"ada@other.example"},
                 {"op":"Add","value":{"name.familyName":"Lovelace",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"research"}}]""");
        assertThat(user.at("/emails/0/value").asString()).isEqualTo("ada@new.example");
        assertThat(user.at("/emails/1/value").asString()).isEqualTo("ada@home.example");
        assertThat(user.at("/emails/2/type").asString()).isEqualTo("other");
        assertThat(user.at("/emails/2/value").asString()).isEqualTo("ada@other.example");
        assertThat(user.at("/name/familyName").asString()).isEqualTo("Lovelace");
        assertThat(user.path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")
                        .path("department")
                        .asString())
                .isEqualTo("research");
    }

    @Test
    void removalTakesElementsMembersAndAttributes() {
        ObjectNode user = patched("""
                [{"op":"remove","path":"emails[type eq \\"home\\"]"},{"op":"remove","path":"name.givenName"},
                 {"op":"remove","path":"nickName"}]""");
        assertThat(user.path("emails")).hasSize(1);
        assertThat(user.path("name")).isEmpty();
    }

    @Test
    void addingWhatIsThereAddsNothing() {
        assertThat(patched("[{\"op\":\"add\",\"path\":\"emails\",\"value\":[{\"value\":\"ada@example.com\"}]}]")
                        .path("emails"))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"op\":\"move\",\"path\":\"a\"}]",
                "[{\"op\":\"replace\",\"path\":\"a b\",\"value\":1}]",
                "[{\"op\":\"remove\"}]",
                "[{\"op\":\"replace\",\"value\":1}]",
                "[{\"op\":\"replace\",\"path\":\"emails[type sw \\\"w\\\"]\",\"value\":{}}]",
                "{}"
            })
    void whatIsNotUnderstoodIsRefused(String operations) {
        assertThatThrownBy(() -> patched(operations)).isInstanceOf(ScimProblem.class);
    }

    @Test
    void filtersAreReadAsTheyAreAsked() {
        assertThat(ScimFilter.parse("userName eq \"ada@example.com\"").equal())
                .containsEntry("username", "ada@example.com");
        assertThat(ScimFilter.parse("emails[type eq \"work\"].value eq \"a\\\"b\"")
                        .equal())
                .containsEntry("emails.value", "a\"b");
        assertThat(ScimFilter.parse("id eq \"1\" and members eq \"2\"").equal())
                .containsEntry("id", "1")
                .containsEntry("members", "2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "userName",
                "userName sw \"a\"",
                "userName eq \"a\" or id eq \"b\"",
                "not (id eq \"a\")",
                "id eq \"a\" and",
                "id eq \"a\" and id eq \"b\""
            })
    void otherFiltersAreRefusedRatherThanMisread(String filter) {
        assertThatThrownBy(() -> ScimFilter.parse(filter)).isInstanceOf(ScimProblem.class);
    }
}
