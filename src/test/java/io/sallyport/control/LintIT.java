package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class LintIT {
    private static List<JsonNode> about(String application) {
        return Api.must("GET", "/sallyport/lint", null)
                .result()
                .valueStream()
                .filter(each -> each.get("application_id").asString().equals(application))
                .toList();
    }

    @Test
    void aPathThatOnlyItsChildrenAreCoveredOfIsNamedUntilSomethingCoversIt() {
        String host = Api.uniqueHost();
        String app =
                Api.create("/access/apps", """
                {"type":"self_hosted","name":"Team","domain":"%s/team/*","policies":["%s"]}""".formatted(host, Api.policy())).id();

        assertThat(about(app)).singleElement().satisfies(warning -> {
            assertThat(warning.get("code").asString()).isEqualTo("uncovered_parent");
            assertThat(warning.get("pointer").asString()).isEqualTo("/destinations/0");
            assertThat(warning.get("reason").asString()).contains("/team itself, which no application protects");
            assertThat(warning.get("advice").asString()).contains(host + "/team");
        });

        Api.must("PUT", "/access/apps/" + app, """
                {"type":"self_hosted","name":"Team","domain":"%s/team"}""".formatted(host));
        assertThat(about(app)).isEmpty();
    }

    @Test
    void theConfigurationIsCompiledForItOnceAndAgainWhenItHasChanged() {
        Lint lint = Api.server().context().getBean(Lint.class);
        List<ObjectNode> found = lint.present();
        assertThat(lint.present()).isSameAs(found);

        String app = Api.create("/access/apps", """
                {"type":"self_hosted","name":"Nobody","domain":"%s"}""".formatted(Api.uniqueHost())).id();
        assertThat(about(app)).isNotEmpty();
        assertThat(lint.present()).isNotSameAs(found).isSameAs(lint.present());

        Api.must("DELETE", "/access/apps/" + app, null);
        assertThat(about(app)).isEmpty();
    }

    @Test
    void whatARehearsalWouldBringIsSeenInItAndNotAfterwards() {
        Lint lint = Api.server().context().getBean(Lint.class);
        List<ObjectNode> before = lint.present();
        AdminCall call = new AdminCall(
                new AdminTokens.Holder("lint", "lint", Permissions.full(), null), "127.0.0.1", "0", Optional.empty());
        List<List<ObjectNode>> within = new ArrayList<>();

        Api.server().context().getBean(Transactions.class).rehearse(call, () -> {
            Api.server().context().getBean(ApplicationChanges.class).create(call, Fields.of(Api.json("""
                    {"type":"self_hosted","name":"Nobody","domain":"%s"}""".formatted(
                            Api.uniqueHost()))));
            within.add(lint.present());
        });

        assertThat(within.getFirst()).hasSizeGreaterThan(before.size());
        assertThat(lint.present()).isEqualTo(before);
    }

    @Test
    void anApplicationWithoutPoliciesAndOneForEverybodyAreFoundWithPolicyAndAdvice() {
        String nobody =
                Api.create("/access/apps", """
                {"type":"self_hosted","name":"Nobody","domain":"%s"}""".formatted(Api.uniqueHost())).id();
        String everybody =
                Api.create("/access/apps", """
                {"type":"self_hosted","name":"Everybody","domain":"%s","policies":[
                  {"name":"All","decision":"bypass","include":[{"everyone":{}}]}]}""".formatted(Api.uniqueHost())).id();

        assertThat(about(nobody))
                .extracting(each -> each.get("code").asString())
                .containsExactly("no_policies");
        assertThat(about(everybody)).singleElement().satisfies(warning -> {
            assertThat(warning.get("code").asString()).isEqualTo("bypasses_everyone");
            assertThat(warning.get("policy").asString()).isEqualTo("All");
            assertThat(warning.get("advice").asString()).isNotEmpty();
        });
    }
}
