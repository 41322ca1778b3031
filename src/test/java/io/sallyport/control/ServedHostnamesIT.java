package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a hostname leads, asked once instead of looking through every tunnel. */
class ServedHostnamesIT {
    private static Api.Answer ask(String hostname) {
        return Api.get("/sallyport/hostnames?hostname=" + hostname);
    }

    @Test
    @DisplayName(
            "a hostname's tunnel is found however many there are, by route or by configuration, and its origins, the narrowest name first")
    void whatServesAHostnameIsFound() {
        String domain = Api.uniqueHost();
        String name = Api.unique("serving");
        String tunnel =
                Api.create("/cfd_tunnel", "{\"name\": \"" + name + "\"}").id();
        Api.must("PUT", "/cfd_tunnel/" + tunnel + "/configurations", """
                {"config": {"ingress": [{"hostname": "*.%1$s", "service": "http://a"}, {"hostname": "both.%1$s", "service": "http://b"},
                 {"service": "http_status:404"}]}}""".formatted(domain));
        Api.Answer routed = Api.send(
                "PUT",
                "/zones/" + Api.account() + "/tunnels/" + tunnel + "/routes",
                """
                {"type": "dns", "user_hostname": "both.%s"}""".formatted(domain),
                Api.withToken());
        assertThat(routed.status()).isEqualTo(200);
        String origin = Api.create("/sallyport/origins", """
                {"hostname": "direct.%s", "path": "/x", "service": "http://10.0.0.1"}""".formatted(domain)).id();

        String viaTunnel = "\"tunnel\":{\"id\":\"%s\",\"name\":\"%s\"}".formatted(tunnel, name);
        String wildcard = "{\"hostname\":\"*.%s\",%s}".formatted(domain, viaTunnel);
        assertThat(ask("both." + domain).result().toString())
                .isEqualTo("[{\"hostname\":\"both.%s\",%s},%s]".formatted(domain, viaTunnel, wildcard));
        assertThat(ask("any.where." + domain).result().toString()).isEqualTo("[" + wildcard + "]");
        assertThat(ask("DIRECT." + domain).result().toString())
                .isEqualTo(
                        "[{\"hostname\":\"direct.%s\",\"origin\":{\"id\":\"%s\",\"path\":\"/x\",\"service\":\"http://10.0.0.1\"}},%s]"
                                .formatted(domain, origin, wildcard));
        assertThat(ask("*." + domain).result().toString()).isEqualTo("[" + wildcard + "]");
        assertThat(ask(domain).result()).isEmpty();
        assertThat(new Contract().violations("GET", "/accounts/a/sallyport/hostnames", ask("both." + domain)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a%20b", "https://a.example.com", "*.*.example.com"})
    @DisplayName("what is no host name is refused")
    void whatIsNoHostNameIsRefused(String hostname) {
        Api.Answer answer = ask(hostname);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error().path("message").asString()).contains("query parameter hostname");
    }
}
