package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestClientAuthority;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Client certificate authorities as admins see them: hosts, revocation, limits, and what lint says. */
class CertificateHostsIT {
    private static final String PATH = "/access/certificates";

    private static ObjectNode authority(TestClientAuthority authority, String... hosts) {
        ObjectNode body = Api.json("{}").put("name", Api.unique("CA")).put("certificate", authority.pem());
        for (String host : hosts) {
            body.withArray("associated_hostnames").add(host);
        }
        return body;
    }

    private static TestClientAuthority fresh() {
        return TestClientAuthority.rootLike(Api.unique("Authority"))
                .until(InstantSource.system().instant().plus(Duration.ofDays(400)))
                .authority();
    }

    private static void remove(String id) {
        Api.must("PUT", PATH + "/" + id, "{\"associated_hostnames\": []}");
        Api.must("DELETE", PATH + "/" + id, null);
    }

    private static void complains(ObjectNode body, String pointer) {
        complains(Api.call("POST", PATH, body.toString()), pointer);
    }

    private static void complains(Api.Answer answer, String pointer) {
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("code").asInt()).isEqualTo(12130);
        assertThat(answer.error().path("source").path("pointer").asString()).isEqualTo(pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"expires_on\":\"0001-01-01T00:00:00Z\"}"})
    @DisplayName("Terraform's providers, the fifth and the fourth, empty the list without a word, and delete")
    void terraformEmptiesTheListBeforeItDeletes(String body) {
        String one = PATH + "/"
                + Api.create(PATH, authority(fresh(), Api.uniqueHost()).toString())
                        .id();
        assertThat(Api.call("DELETE", one, null).status()).isEqualTo(409);
        assertThat(Api.call("PUT", one, "{\"expires_on\":\"2030-01-01T00:00:00Z\"}")
                        .status())
                .isEqualTo(400);
        Api.Answer emptied = Api.must("PUT", one, body);
        assertThat(emptied.result().path("associated_hostnames").toString()).isEqualTo("[]");
        Api.must("DELETE", one, null);
    }

    @Test
    void aPolicyThatWantsACertificateRefusesWhoShowsNone() {
        String host = Api.uniqueHost();
        Api.create("/access/apps", """
                {"type": "self_hosted", "name": "mTLS", "domain": "%s",
                 "policies": [{"name": "devices", "decision": "non_identity", "include": [{"certificate": {}}]}]}""".formatted(host));
        String id = Api.create(PATH, authority(fresh(), host).toString()).id();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(RawHttp.exchange(
                                        Api.server().port(),
                                        "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                                .status())
                        .isEqualTo(403));
        assertThat(lint(host)).isEmpty();
        Api.must("PUT", PATH + "/" + id, "{\"associated_hostnames\": []}");
        assertThat(lint(host)).containsExactly("certificate_never_asked");
        remove(id);
    }

    @Test
    void lintNamesHostsWhosePoliciesForgetTheCertificateAndAuthoritiesThatEnd() {
        String host = Api.uniqueHost();
        Api.create("/access/apps", """
                {"type": "self_hosted", "name": "mTLS", "domain": "*.%s",
                 "policies": [{"name": "staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}]}""".formatted(host));
        Instant soon = InstantSource.system().instant().plus(Duration.ofDays(7));
        TestClientAuthority ending =
                TestClientAuthority.rootLike(Api.unique("Ending")).until(soon).authority();
        ObjectNode body = authority(ending, "mtls." + host)
                .put(
                        "crl",
                        TestClientAuthority.listPem(
                                ending.list(InstantSource.system().instant().minusSeconds(60))));
        String id = Api.create(PATH, body.toString()).id();
        assertThat(lint("*." + host))
                .containsExactlyInAnyOrder("certificate_not_needed", "authority_expires", "revocation_list_old");
        remove(id);
    }

    private static List<String> lint(String domain) {
        JsonNode apps = Api.get("/access/apps?per_page=1000").result();
        String app = StreamSupport.stream(apps.spliterator(), false)
                .filter(each -> domain.equals(each.path("domain").stringValue(null)))
                .map(each -> each.path("id").stringValue())
                .findFirst()
                .orElseThrow();
        List<String> codes = new ArrayList<>();
        Api.must("GET", "/sallyport/lint", null).result().forEach(each -> {
            if (app.equals(each.path("application_id").stringValue())) {
                codes.add(each.path("code").stringValue());
            }
        });
        return codes;
    }

    @Test
    void revocationIsASettingThatStockClientsLeaveAlone() {
        TestClientAuthority authority = fresh();
        ObjectNode body = authority(authority)
                .put("revocation", "required")
                .put("crl", TestClientAuthority.listPem(authority.list()));
        Api.Answer made = Api.create(PATH, body.toString());
        assertThat(made.object().path("revocation").stringValue()).isEqualTo("required");
        assertThat(made.object().path("crl_next_update").stringValue()).startsWith("20");
        assertThat(made.object().has("crl")).isFalse();
        assertThat(made.object().has("certificate")).isFalse();
        Api.Answer kept = Api.must("PUT", PATH + "/" + made.id(), "{\"associated_hostnames\": []}");
        assertThat(kept.object().path("revocation").stringValue()).isEqualTo("required");
        assertThat(kept.object().has("crl_next_update")).isTrue();
        Api.Answer dropped = Api.must(
                "PUT",
                PATH + "/" + made.id(),
                "{\"associated_hostnames\": [], \"crl\": null, \"revocation\": \"soft\"}");
        assertThat(dropped.object().path("revocation").stringValue()).isEqualTo("soft");
        assertThat(dropped.object().has("crl_next_update")).isFalse();
        remove(made.id());
    }

    @Test
    void whatCannotBeUsedIsRefusedByItsField() {
        TestClientAuthority authority = fresh();
        complains(authority(authority).put("certificate", authority.pem() + authority.pem()), "/certificate");
        complains(
                authority(authority)
                        .put("certificate", authority.client("x").issue().pem()),
                "/certificate");
        complains(authority(authority).put("certificate", "-----BEGIN CERTIFICATE-----"), "/certificate");
        complains(authority(authority).put("revocation", "perhaps"), "/revocation");
        complains(authority(authority).put("crl", "no list"), "/crl");
        complains(authority(authority).put("crl", TestClientAuthority.listPem(fresh().list())), "/crl");
        complains(authority(authority, "*.example.com"), "/associated_hostnames/0");
    }

    @Test
    void theFiftyFirstIsOneTooMany() {
        List<String> made = new ArrayList<>();
        int there = Api.get(PATH + "?per_page=1000").result().size();
        for (int i = there; i < 50; i++) {
            made.add(Api.create(PATH, authority(fresh()).toString()).id());
        }
        complains(authority(fresh()), "/certificate");
        made.forEach(CertificateHostsIT::remove);
    }
}
