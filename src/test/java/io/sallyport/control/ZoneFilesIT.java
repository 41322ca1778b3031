package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Zone files in and out, as the stock clients send and ask for them. */
class ZoneFilesIT {
    private static String zone(String domain) {
        Api.Answer made = Api.send("POST", "/zones", "{\"name\": \"" + domain + "\"}", Api.withToken());
        assertThat(made.status()).as(made.envelope().toString()).isEqualTo(200);
        return "/zones/" + made.id() + "/dns_records";
    }

    /** As Go's older client spells it, boundaries and bare line feeds included. */
    private static Api.Answer load(String records, String file) {
        return Api.send(
                "POST",
                records + "/import",
                "--------------------------BOUNDARY\n"
                        + "Content-Disposition: form-data; name=\"file\"; filename=\"bind.txt\"\n\n" + file
                        + "\n--------------------------BOUNDARY--",
                Api.withToken("Content-Type", "multipart/form-data; boundary=------------------------BOUNDARY"));
    }

    private static String export(String records) {
        Api.Answer answer = Api.send("GET", records + "/export", null, Api.withToken("Accept", "text/plain"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("text/plain;charset=UTF-8");
        return answer.response().body();
    }

    private static List<String> names(String records) {
        return Api.send("GET", records + "?per_page=1000", null, Api.withToken()).result().values().stream()
                .map(each ->
                        each.path("type").asString() + " " + each.path("name").asString())
                .toList();
    }

    @Test
    @DisplayName("a zone file comes in once: what is there already stays as it is, and an exported file adds nothing")
    void aFileComesInOnce() {
        String domain = Api.unique("bind") + ".example";
        String records = zone(domain);
        String tunnel = Api.create("/cfd_tunnel", "{\"name\": \"" + Api.unique("bind") + "\"}")
                .id();
        String file = """
                $TTL 300
                @ IN SOA ns1 admin 1 7200 3600 1209600 300
                @ IN NS ns1
                a IN A 192.0.2.1
                wiki IN CNAME %s.tunnel.localhost. ; the wiki cf_tags=cf-proxied:true
                @ IN TXT "v=spf1 -all"
                """.formatted(tunnel);

        Api.Answer first = load(records, file);
        Api.Answer second = load(records, file);
        Api.Answer exported = load(records, export(records));

        assertThat(first.status()).as(first.envelope().toString()).isEqualTo(200);
        assertThat(first.result().toString()).isEqualTo("{\"recs_added\":3,\"total_records_parsed\":3}");
        assertThat(second.result().path("recs_added").asInt(-1)).isZero();
        assertThat(exported.result().toString()).isEqualTo("{\"recs_added\":0,\"total_records_parsed\":3}");
        assertThat(names(records)).containsExactly("A a." + domain, "CNAME wiki." + domain, "TXT " + domain);
        assertThat(export(records))
                .contains("\nwiki." + domain + ".\t300\tIN\tCNAME\t" + tunnel + ".tunnel.localhost."
                        + " ; the wiki cf_tags=cf-proxied:true\n");
    }

    @Test
    @DisplayName("one bad record, and none of its file is there: the answer names the line")
    void nothingIsHalfWritten() {
        String domain = Api.unique("half") + ".example";
        String records = zone(domain);

        Api.Answer alias = load(records, "a 300 A 192.0.2.1\na 300 CNAME b\n");
        Api.Answer ttl = load(records, "a 300 A 192.0.2.1\nb 7 A 192.0.2.1\n");
        Api.Answer broken = load(records, "a 300 A 192.0.2.1\nb 300 A nonsense\n");
        Api.Answer foreign = load(records, "a 300 A 192.0.2.1\nb.example.org. 300 A 192.0.2.1\n");

        assertThat(List.of(alias, ttl, broken, foreign)).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.error().path("message").asString()).contains("/file line 2");
        });
        assertThat(alias.error().path("code").asInt()).isEqualTo(81053);
        assertThat(ttl.error().path("message").asString()).contains("from 30 to 86400 seconds");
        assertThat(names(records)).isEmpty();
    }

    @Test
    @DisplayName("the text alone is a file too, and so is none; a file that is not text is refused")
    void theTextAloneIsAFile() {
        String domain = Api.unique("text") + ".example";
        String records = zone(domain);

        Api.Answer made =
                Api.send("POST", records + "/import", "a 300 A 192.0.2.1", Api.withToken("Content-Type", "text/plain"));
        Api.Answer none = load(records, "");
        Api.Answer json = Api.send("POST", records + "/import", "{}", Api.withToken());

        assertThat(made.result().path("recs_added").asInt()).isEqualTo(1);
        assertThat(none.result().toString()).isEqualTo("{\"recs_added\":0,\"total_records_parsed\":0}");
        assertThat(json.status()).isEqualTo(400);
        assertThat(json.error().path("code").asInt()).isEqualTo(1004);
    }
}
