package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.RawHttp;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What stock clients may ask for and we do not offer is refused in words that they show. */
class UnofferedIT {
    @ParameterizedTest
    @CsvSource({
        "GET, /teamnet/routes?tun_types=cfd_tunnel&page=1",
        "POST, /teamnet/routes",
        "GET, /teamnet/routes/ip/10.0.0.1",
        "GET, /teamnet/virtual_networks",
        "POST, /teamnet/virtual_networks"
    })
    @DisplayName(
            "tunnel route ip and tunnel vnet are told that there are no private networks, and what there is instead")
    void privateNetworksAreNotOffered(String method, String path) {
        Api.Answer answer = Api.call(method, path, method.equals("POST") ? "{\"network\": \"10.0.0.0/8\"}" : null);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("content-type"))
                .as("cloudflared reads errors of exactly this type")
                .isEqualTo("application/json");
        assertThat(answer.error().path("code").asInt()).isEqualTo(7003);
        assertThat(answer.error().path("message").asString()).contains("private networks are not offered");
    }

    @Test
    @DisplayName("access ssh-gen is told in its own shape that no SSH certificates are signed")
    void sshCertificatesAreNotSigned() {
        String body = "{\"public_key\": \"ecdsa-sha2-nistp256 AAAA\", \"jwt\": \"a.b.c\", \"issuer\": \"https://a\"}";
        RawHttp.Response answer = RawHttp.exchange(
                Api.server().port(),
                "POST /cdn-cgi/access/cert_sign HTTP/1.1\r\nHost: auth.localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body);

        assertThat(answer.status()).isEqualTo(404);
        JsonNode refusal = JsonMapper.shared().readTree(new String(answer.body(), StandardCharsets.UTF_8));
        assertThat(refusal.path("status").asInt()).isEqualTo(404);
        assertThat(refusal.path("message").asString()).contains("no SSH certificates");
    }
}
