package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTestCommandTest {
    private static final String CONFIG = """
            sallyport: 1
            lists:
              - name: Contractors
                type: EMAIL
                items: [eve@elsewhere.example]
            identity_providers:
              - {name: Okta, type: okta, config: {client_id: x, okta_account: "https://e.okta.com"}}
            service_tokens:
              - {name: CI}
            groups:
              - name: Known
                include:
                  - okta: {identity_provider: Okta, name: staff}
                  - email_list: {name: Contractors}
            policies:
              - name: Known people
                decision: allow
                include: [{group: {name: Known}}]
                require: [{geo: {country_code: PT}}]
            applications:
              - name: Wiki
                type: self_hosted
                domain: wiki.example.com/docs
                policies:
                  - {name: Not Eve, decision: deny, include: [{email: {email: eve@elsewhere.example}}]}
                  - Known people
                  - {name: Robots, decision: non_identity, include: [{service_token: {name: CI}}]}
            """;

    @TempDir
    private Path dir;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(dir.resolve("config.yaml"), CONFIG);
    }

    private CliRun test(String cases, String... more) throws IOException {
        Path file = Files.writeString(dir.resolve("cases.yaml"), "cases:\n" + cases.indent(2));
        String[] args = new String[5 + more.length];
        System.arraycopy(
                new String[] {
                    "policy",
                    "test",
                    file.toString(),
                    "-c",
                    dir.resolve("config.yaml").toString()
                },
                0,
                args,
                0,
                5);
        System.arraycopy(more, 0, args, 5, more.length);
        return CliRun.of(Map.of(), dir, args);
    }

    @Test
    void casesThatComeOutAsExpectedCostNothing() throws IOException {
        CliRun run = test("""
                - name: staff
                  application: Wiki
                  who: {email: ada@example.com, login_method: Okta, groups: [staff]}
                  from: {country: PT}
                  expect: allowed
                  policy: Known people
                - name: by address
                  application: wiki.example.com/docs/page
                  who: {email: eve@elsewhere.example}
                  from: {country: PT}
                  expect: denied
                  policy: Not Eve
                - {name: a robot, application: Wiki, who: {service_token: CI}, expect: allowed, policy: Robots}
                - {name: nobody yet, application: Wiki, from: {country: PT}, expect: login_required}
                - {name: nobody from elsewhere, application: Wiki, from: {country: ES}, expect: denied}
                """);

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("5 cases, 0 failed").doesNotContain("FAIL");
        assertThat(run.status()).isZero();
    }

    @Test
    void aCaseThatComesOutOtherwiseCostsStatusOneAndShowsTheRuleAndTheValue() throws IOException {
        CliRun run = test("""
                - name: staff from Spain
                  application: Wiki
                  who: {email: ada@example.com, login_method: Okta, groups: [guests]}
                  from: {country: ES}
                  expect: allowed
                """);

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out())
                .contains("FAIL  staff from Spain: denied, expected allowed")
                .containsPattern("no +geo PT +saw ES")
                .containsPattern("no +okta staff +saw guests")
                .contains("1 case, 1 failed");
    }

    @Test
    void anApplicationWhoseHostCannotBeReadIsNamedInsteadOfLeftOut() throws IOException {
        Files.writeString(dir.resolve("config.yaml"), CONFIG.replace("wiki.example.com/docs", "wiki example.com"));

        CliRun run = test("- {application: Wiki, expect: denied}");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("application \"Wiki\": \"wiki example.com\" is not a host");
    }

    @Test
    void aMisspeltMemberIsRefusedBecauseTheCaseWouldTestSomethingElse() throws IOException {
        assertThat(test("- {application: Wiki, who: {mail: ada@example.com}, expect: allowed}")
                        .err())
                .contains("case 1, who: there is no member mail");
        assertThat(test("- {application: Nowhere, expect: allowed}").err())
                .contains("no application has the name or the address Nowhere");
        assertThat(test("- {application: Wiki, expect: maybe}").status()).isEqualTo(1);
    }
}
