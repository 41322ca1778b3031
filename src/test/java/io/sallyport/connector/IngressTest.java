package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IngressTest {
    private static final String RULES = """
            ingress:
              - hostname: a.example.com
                path: ^/api
                service: http://127.0.0.1:8000
              - hostname: "*.example.com"
                path: \\.(jpg|png)$
                service: https://images:8443
              - hostname: a.example.com
                service: ssh://box
              - hostname: b\u00fccher.example
                service: unix:/run/books.sock
              - service: http_status:404
            """;

    @ParameterizedTest
    @CsvSource({
        "a.example.com, /api/x, 0",
        "A.Example.COM:8443, /api, 0",
        "a.example.com, /v1/api, 2",
        "a.example.com, /%61pi, 0",
        "x.y.example.com, /p.png?q=1, 1",
        "x.example.com, /p.png.txt, 4",
        "example.com, /p.png, 4",
        "evil-example.com, /p.png, 4",
        "xn--bcher-kva.example, /, 3",
        "elsewhere, /?x=/api, 4"
    })
    void theFirstRuleThatFitsDecides(String host, String path, int rule) {
        assertThat(ingress(RULES).find(host, path)).hasValue(rule);
    }

    @Test
    void aPathIsSearchedAnywhereInItAndNotInTheQuery() {
        Ingress ingress = ingress("""
                ingress:
                  - path: /aaa
                    service: http://one
                  - service: http://two
                """);
        assertThat(ingress.find("h", "/bbb/aaa")).hasValue(0);
        assertThat(ingress.find("h", "/bbb?x=/aaa")).hasValue(1);
    }

    @Test
    void aPathThatCannotBeDecodedMeetsNoRule() {
        assertThat(ingress(RULES).find("a.example.com", "/%zz")).isEmpty();
    }

    @Test
    void aPathMadeToKeepAnExpressionBusyMeetsNoRule() {
        Ingress ingress = ingress("""
                ingress:
                  - path: ^/(a+)+$
                    service: http://one
                  - service: http://two
                """);
        assertThat(ingress.find("h", "/aaaa")).hasValue(0);
        assertThat(ingress.find("h", "/" + "a".repeat(2000) + "!")).isEmpty();
    }

    @Test
    void aPathThatLeadsAnExpressionTooDeepMeetsNoRuleAndBreaksNothing() {
        Ingress ingress = ingress("""
                ingress:
                  - path: ^/(a|b)*$
                    service: http://one
                  - service: http://two
                """);
        assertThat(ingress.find("h", "/" + "ab".repeat(100))).hasValue(0);
        assertThat(ingress.find("h", "/" + "ab".repeat(500_000))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{hostname: a, service: 'http://x'}]|'The last ingress rule must match all URLs (i.e. it should not have a"
                        + " hostname or path filter); end the list with ''- service: http_status:404'''",
                "[{hostname: '*', service: 'http://x'}, {service: 'http://y'}]|Rule #1 is matching the hostname '*', but this"
                        + " will match every hostname, meaning the rules which follow it will never be triggered.",
                "[{hostname: 'a.*.c', service: 'http://x'}, {service: 'http://y'}]|ingress[0].hostname: Hostname patterns can have at"
                        + " most one"
                        + " wildcard character (\"*\") and it can only be used for subdomains, e.g. \"*.example.com\"",
                "[{hostname: '*a.b', service: 'http://x'}, {service: 'http://y'}]|ingress[0].hostname: Hostname patterns can have at"
                        + " most one"
                        + " wildcard character (\"*\") and it can only be used for subdomains, e.g. \"*.example.com\"",
                "[{hostname: 'a:80', service: 'http://x'}, {service: 'http://y'}]|ingress[0].hostname: Hostname cannot contain a port",
                "[{path: '(', service: 'http://x'}, {service: 'http://y'}]|Rule #1 has an invalid regex: Unclosed group",
                "[{service: 'localhost:80'}]|ingress[0].service: localhost:80 is an invalid address, please make sure it has a scheme"
                        + " and a hostname",
                "[{service: ''}]|ingress[0].service is missing",
                "[{service: 'http://x/p'}]|ingress[0].service: http://x/p is an invalid address, ingress rules don't support proxying"
                        + " to a different"
                        + " path on the origin service. The path will be the same as the eyeball request's path",
                "[{service: 'http_status:99'}]|ingress[0].service: invalid HTTP status code '99': write http_status:100 to http_status:999",
                "[{service: 'socks-proxy', originRequest: {ipRules: [{prefix: 'nonsense', allow: true}]}}]|"
                        + "ingress[0].originRequest.ipRules: unable to create ip rule for socks-proxy: \"nonsense\" is not an IP"
                        + " address or CIDR block",
                "[{service: 'http://x', originRequest: {access: {required: true, audTag: [a]}}}]|access.TeamName cannot be blank"
                        + " when access.audTags are present",
                "[{service: 'http://x', originRequest: {connectTimeout: 10}}]|ingress[0].originRequest.connectTimeout: 10 is not a"
                        + " duration, write it like 30s or 1m30s",
                "[{service: 'http://x', originRequest: {noTLSVerify: 'yes'}}]|expected bool found string for"
                        + " ingress[0].originRequest.noTLSVerify",
                "{}|ingress: expected a list of rules"
            })
    void whatCannotBeRunIsSaidInWordsUsersKnow(String ingress, String message) {
        assertThatThrownBy(() -> ingress("ingress: " + ingress))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(message);
    }

    @Test
    void aRulesSettingsReplaceTheFilesKeyByKey() {
        OriginSettings settings = ingress("""
                originRequest:
                  connectTimeout: 1m30s
                  httpHostHeader: all.example
                  access: {required: true, issuer: "https://auth.example.com/", audTag: [x]}
                ingress:
                  - service: https://x
                    originRequest: {httpHostHeader: one.example, noTLSVerify: true}
                """).rules().getFirst().settings();
        assertThat(settings.connectTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(settings.httpHostHeader()).isEqualTo("one.example");
        assertThat(settings.noTlsVerify()).isTrue();
        assertThat(settings.keepAliveConnections()).isEqualTo(100);
        assertThat(settings.access().required()).isTrue();
        assertThat(settings.access().issuer()).isEqualTo("https://auth.example.com");
        assertThat(settings.access().audiences()).containsExactly("x");
    }

    @ParameterizedTest
    @CsvSource({
        "http://h, http://h:80",
        "wss://h, https://h:443",
        "'http://[::1]:81', 'http://[::1]:81'",
        "rdp://h, tcp://h:3389",
        "smb://h, tcp://h:445",
        "tcp://h, tcp://h:7864",
        "h2c://h:1, tcp://h:1",
        "unix+tls:/run/x, unix+tls:/run/x",
        "hello-world, HelloWorld[]",
        "bastion, Bastion[]"
    })
    void servicesAreReadAsCloudflaredReadsThem(String text, String service) {
        assertThat(Service.parse(text)).hasToString(service);
    }

    @Test
    void bastionModeReplacesTheService() {
        assertThat(ingress("ingress: [{service: 'http://x', originRequest: {bastionMode: true}}]")
                        .rules()
                        .getFirst()
                        .target())
                .isEqualTo(new Service.Bastion());
    }

    @Test
    void aRemoteConfigurationCountsInWholeSeconds() {
        Configuration configuration = remote("""
                {"ingress":[{"service":"http://x","originRequest":{"connectTimeout":10}}],"unknown":1}""", Permissions.NONE);
        assertThat(configuration.version()).isEqualTo(7);
        assertThat(configuration.ingress().rules().getFirst().settings().connectTimeout())
                .isEqualTo(Duration.ofSeconds(10));
        assertThatThrownBy(() -> remote("""
                        {"ingress":[{"service":"http://x","originRequest":{"connectTimeout":1.5}}]}""", Permissions.NONE)).hasMessageContaining("not a whole number of seconds");
        assertThatThrownBy(() -> remote("""
                        {"ingress":[{"service":"http://x","originRequest":{"connectTimeout":"10s"}}]}""", Permissions.NONE)).hasMessageContaining("not a whole number of seconds");
    }

    @Test
    void aRemoteConfigurationWithoutRulesAnswers503() {
        assertThat(remote("{}", Permissions.NONE).ingress().rules().getFirst().target())
                .isEqualTo(new Service.Status(503));
        assertThat(remote("{\"ingress\":[]}", Permissions.NONE).ingress()).isEqualTo(Ingress.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"service\":\"bastion\"}",
                "{\"service\":\"http://x\",\"originRequest\":{\"bastionMode\":true}}",
                "{\"service\":\"socks-proxy\"}",
                "{\"service\":\"tcp://x\",\"originRequest\":{\"proxyType\":\"socks\"}}"
            })
    void tu11ServicesThatReachWhereTheClientSaysNeedTheOperatorsWord(String rule) {
        String json = "{\"ingress\":[" + rule + "]}";
        assertThatThrownBy(() -> remote(json, Permissions.NONE)).hasMessageContaining("operator has not allowed");
        assertThat(remote(json, new Permissions(true, true, false)).ingress().rules())
                .hasSize(1);
    }

    @Test
    void tu11PrivateNetworksNeedTheOperatorsWordWhateverTheEdgeSays() {
        String json = "{\"warp-routing\":{\"enabled\":true}}";
        assertThat(remote(json, Permissions.NONE).privateNetwork().enabled()).isFalse();
        assertThat(remote(json, new Permissions(false, false, true))
                        .privateNetwork()
                        .enabled())
                .isTrue();
    }

    @Test
    void theUploadHoldsOnlyWhatDiffersFromTheDefaultsInSeconds() {
        ConnectorFile file = ConnectorFile.parse(Path.of("c.yml"), """
                originRequest: {connectTimeout: 10s, keepAliveConnections: 100}
                ingress:
                  - {hostname: a.example, path: ^/x, service: "http://127.0.0.1:8000"}
                  - service: http_status:404
                    originRequest: {connectTimeout: 30s}
                """);
        assertThat(Configuration.local(file.ingress(), file, Map.of("protocol", "http2"))
                        .json())
                .isEqualTo("""
                        {"__configuration_flags":{"protocol":"http2"},"ingress":[{"hostname":"a.example","path":"^/x","service":\
                        "http://127.0.0.1:8000","originRequest":{"connectTimeout":10}},{"service":"http_status:404","originRequest"\
                        :{}}],"warp-routing":{}}""");
    }

    @Test
    void aTypoInAKeyIsFoundWhereverItIs() {
        ConnectorFile file = ConnectorFile.parse(Path.of("c.yml"), """
                tunel: x
                protocol: http2
                originRequest: {noTlsVerify: true}
                ingress:
                  - {service: "http://x", hostnam: y, originRequest: {access: {requird: true}}}
                """);
        assertThat(file.unusedKeys(Set.of("protocol")))
                .containsExactly(
                        "ingress[0].hostnam",
                        "ingress[0].originRequest.access.requird",
                        "originRequest.noTlsVerify",
                        "tunel");
    }

    @Test
    void aFileThatIsNoMapSaysSo() {
        assertThatThrownBy(() -> ConnectorFile.parse(Path.of("c.yml"), "- a"))
                .hasMessage("the config file c.yml: expected keys and values, found slice");
        assertThatThrownBy(() -> ConnectorFile.parse(Path.of("c.yml"), "a: [b"))
                .hasMessageContaining("error parsing YAML in config file at c.yml: line");
    }

    @Test
    void ipRulesDecideByTheFirstThatFitsAndNoneMeansNo() throws Exception {
        var rules = ingress("""
                ingress:
                  - service: socks-proxy
                    originRequest:
                      ipRules:
                        - {prefix: 10.0.0.0/8, ports: [22], allow: true}
                        - {prefix: 10.0.0.0/8, allow: false}
                        - {prefix: 0.0.0.0/0, ports: [443], allow: true}
                """).rules().getFirst().settings().ipRules();
        assertThat(IpRule.allows(rules, InetAddress.ofLiteral("10.1.1.1"), 22)).isTrue();
        assertThat(IpRule.allows(rules, InetAddress.ofLiteral("10.1.1.1"), 443)).isFalse();
        assertThat(IpRule.allows(rules, InetAddress.ofLiteral("192.0.2.1"), 443))
                .isTrue();
        assertThat(IpRule.allows(rules, InetAddress.ofLiteral("192.0.2.1"), 80)).isFalse();
    }

    private static Ingress ingress(String yaml) {
        return ConnectorFile.parse(Path.of("c.yml"), yaml).ingress();
    }

    private static Configuration remote(String json, Permissions permissions) {
        return Configuration.remote(7, json.getBytes(StandardCharsets.UTF_8), permissions);
    }
}
