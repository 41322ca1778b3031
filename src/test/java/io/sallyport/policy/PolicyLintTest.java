package io.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.IdpId;
import io.sallyport.identity.PolicyId;
import io.sallyport.policy.PolicyLint.Code;
import io.sallyport.policy.PolicyLint.Finding;
import io.sallyport.policy.json.PolicyJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PolicyLintTest {
    private static final IdpId PIN = new IdpId(new UUID(0, 7));
    private static final PolicyCompiler.References NOTHING =
            new PolicyCompiler.References(Map.of(), Map.of(), Map.of());

    private final PolicyLint lint = new PolicyLint(NOTHING, Set.of(PIN));

    private static PolicySpec policy(int number, String decision, String rules) {
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(rules.replace('\'', '"'));
        return PolicyJson.policy(
                new PolicyId(new UUID(1, number)),
                json.put("name", "p" + number).put("decision", decision));
    }

    private List<Finding> check(PolicySpec... policies) {
        return lint.check(List.of(policies), Set.of(new IdpId(new UUID(0, 8))));
    }

    @Test
    void whatIsMeantIsNotComplainedAbout() {
        assertThat(check(
                        policy(1, "deny", "{'include':[{'email':{'email':'eve@example.com'}}]}"),
                        policy(
                                2,
                                "allow",
                                "{'include':[{'email_domain':{'domain':'example.com'}}],'require':[{'geo':{'country_code':'PT'}},{'ip':{'ip':'10.0.0.0/8'}},{'ip':{'ip':'10.1.0.0/16'}}]}"),
                        policy(3, "non_identity", "{'include':[{'any_valid_service_token':{}}]}")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'email':{'email':'a@b.c'}}            | {'email':{'email':'d@b.c'}}      | the e-mail address",
                "{'email':{'email':'a@b.c'}}            | {'email_domain':{'domain':'x.y'}} | the e-mail address",
                "{'geo':{'country_code':'PT'}}          | {'geo':{'country_code':'ES'}}     | the country",
                "{'ip':{'ip':'10.0.0.0/8'}}             | {'ip':{'ip':'192.168.0.0/16'}}    | the client address",
                "{'common_name':{'common_name':'a'}}    | {'common_name':{'common_name':'b'}} | the certificate's common name",
                "{'login_method':{'id':'00000000-0000-0000-0000-000000000001'}} | {'login_method':{'id':'00000000-0000-0000-0000-000000000002'}} | the login method",
            })
    void requireWithTwoValuesOfWhatHasOneIsFoundWithTheWayOut(String one, String other, String what) {
        List<Finding> found = check(policy(
                1,
                "allow",
                "{'include':[{'email_domain':{'domain':'example.com'}}],'require':[" + one + "," + other + "]}"));

        assertThat(found).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Code.REQUIRES_TWO_VALUES);
            assertThat(finding.pointer()).isEqualTo("/require/1");
            assertThat(finding.reason()).contains(what.strip());
            assertThat(finding.advice()).contains("Access group");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'include':[{'email':{'email':'a@b.c'}}],'exclude':[{'everyone':{}}]}",
                "{'include':[{'email':{'email':'a@b.c'}}],'exclude':[{'email':{'email':'a@b.c'}}]}",
                "{'include':[{'email':{'email':'a@b.c'}}],'require':[{'email_domain':{'domain':'x.y'}}]}",
                "{'include':[{'device_posture':{'integration_uid':'x'}}]}",
                "{'include':[{'email':{'email':'a@b.c'}}],'require':[{'device_posture':{'integration_uid':'x'}}]}",
                "{'include':[{'email_list':{'id':'00000000-0000-0000-0000-000000000001'}}]}",
            })
    void aPolicyThatCanNeverMatchIsFound(String rules) {
        assertThat(check(policy(1, "allow", rules))).extracting(Finding::code).containsExactly(Code.NEVER_MATCHES);
    }

    @Test
    void aPolicyThatIsNeverReachedNamesTheOneBeforeIt() {
        List<Finding> found = check(
                policy(1, "allow", "{'include':[{'email_domain':{'domain':'b.c'}}]}"),
                policy(2, "allow", "{'include':[{'email':{'email':'a@b.c'}}]}"));

        assertThat(found).singleElement().satisfies(finding -> {
            assertThat(finding.code()).isEqualTo(Code.SHADOWED);
            assertThat(finding.policy().name()).isEqualTo("p2");
            assertThat(finding.reason()).contains("\"p1\"");
        });
    }

    @Test
    void bypassGoesFirstWhateverItsPrecedenceAndSwitchesTheGateOff() {
        List<Finding> found = check(
                policy(1, "allow", "{'include':[{'email':{'email':'a@b.c'}}]}"),
                policy(2, "bypass", "{'include':[{'everyone':{}}]}"));

        assertThat(found).extracting(Finding::code).containsExactly(Code.BYPASSES_EVERYONE, Code.SHADOWED);
    }

    @Test
    void everyoneIsFoundAndWithOneTimePinSoIsAnyMailbox() {
        PolicySpec everyone = policy(1, "allow", "{'include':[{'everyone':{}}]}");

        assertThat(check(everyone)).extracting(Finding::code).containsExactly(Code.ALLOWS_EVERYONE);
        assertThat(lint.check(List.of(everyone), Set.of()))
                .extracting(Finding::code)
                .containsExactly(Code.ALLOWS_EVERYONE, Code.PIN_WITHOUT_ADDRESS_RULE);
    }

    @Test
    void oneTimePinAsTheOnlyConditionIsFoundAndWithAnAddressRuleIsNot() {
        String pin = "{'login_method':{'id':'" + PIN + "'}}";
        List<PolicySpec> open = List.of(policy(1, "allow", "{'include':[" + pin + "]}"));
        List<PolicySpec> closed = new ArrayList<>(List.of(
                policy(1, "allow", "{'include':[" + pin + "],'require':[{'email_domain':{'domain':'example.com'}}]}")));

        assertThat(lint.check(open, Set.of())).extracting(Finding::code).containsExactly(Code.PIN_WITHOUT_ADDRESS_RULE);
        assertThat(lint.check(closed, Set.of())).isEmpty();
        assertThat(lint.check(open, Set.of(new IdpId(new UUID(0, 8)))))
                .as("the application does not offer one-time PIN")
                .isEmpty();
    }
}
