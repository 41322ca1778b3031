package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Zone files, read and written (RFC 1035 §5). */
class ZoneFileTest {
    private static final ZoneDomain EXAMPLE = new ZoneDomain(Optional.of("example.com"));

    private static List<ZoneFileReader.Entry> read(String text) {
        return ZoneFileReader.read(new ZoneUpload(text, false), EXAMPLE);
    }

    private static ObjectNode one(String text) {
        assertThat(read(text)).hasSize(1);
        return read(text).getFirst().json();
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text);
    }

    @Test
    @DisplayName(
            "a file as BIND has it: origin, default ttl, names left out, parentheses, comments; the servers' own records are passed over")
    void aFileIsReadAsItsAuthorMeantIt() {
        List<ZoneFileReader.Entry> entries = read("""
                $ORIGIN example.com.
                $TTL 1h
                @   IN SOA ns1 admin (
                        2026112801 ; serial
                        7200 3600 1209600 300 )
                    IN NS  ns1
                ns1 IN A   192.0.2.1
                wiki 300 IN CNAME www   ; the wiki
                    IN TXT "a;b" "c"
                sub IN NS  ns.elsewhere.example.
                @   IN MX  10 mail.example.org.
                _sip._tcp IN SRV 5 0 5060 sip
                """);

        assertThat(entries).extracting(ZoneFileReader.Entry::line).containsExactly(7, 8, 9, 10, 11, 12);
        assertThat(entries.stream().map(entry -> json(entry.json().toString())))
                .containsExactly(
                        json(
                                "{\"type\":\"A\",\"name\":\"ns1.example.com\",\"ttl\":3600,\"content\":\"192.0.2.1\",\"proxied\":false}"),
                        json(
                                "{\"type\":\"CNAME\",\"name\":\"wiki.example.com\",\"ttl\":300,\"content\":\"www.example.com\",\"proxied\":false,\"comment\":\"the wiki\"}"),
                        json(
                                "{\"type\":\"TXT\",\"name\":\"wiki.example.com\",\"ttl\":3600,\"content\":\"\\\"a;b\\\" \\\"c\\\"\"}"),
                        json(
                                "{\"type\":\"NS\",\"name\":\"sub.example.com\",\"ttl\":3600,\"content\":\"ns.elsewhere.example\"}"),
                        json(
                                "{\"type\":\"MX\",\"name\":\"example.com\",\"ttl\":3600,\"priority\":10,\"content\":\"mail.example.org\"}"),
                        json(
                                "{\"type\":\"SRV\",\"name\":\"_sip._tcp.example.com\",\"ttl\":3600,\"priority\":5,\"data\":{\"priority\":5,\"weight\":0,\"port\":5060,\"target\":\"sip.example.com\"}}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            CAA    | 0 issue "ca.example.net"         | {"flags":0,"tag":"issue","value":"ca.example.net"}
            URI    | 7 1 "https://example.com/"       | {"priority":7,"weight":1,"target":"https://example.com/"}
            SSHFP  | 4 2 0123                         | {"algorithm":4,"type":2,"fingerprint":"0123"}
            TLSA   | 3 1 1 12 34                      | {"usage":3,"selector":1,"matching_type":1,"certificate":"1234"}
            HTTPS  | 1 . alpn=h2 port=8443            | {"priority":1,"target":".","value":"alpn=h2 port=8443"}
            NAPTR  | 1 2 "S" "SIP+D2U" "" _sip._udp.example.com. | {"order":1,"preference":2,"flags":"S","service":"SIP+D2U","regex":"","replacement":"_sip._udp.example.com"}
            """)
    @DisplayName("types whose clients wait for parts get them")
    void partsComeOneByOne(String type, String rdata, String data) {
        assertThat(one("x 300 IN " + type + " " + rdata + "\n").path("data").toString())
                .isEqualTo(data);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            a 300 IN A 192.0.2.1\\nb 300 IN A 192.0.2.256         | line 2
            a 300 IN A                                            | line 1
            $INCLUDE /etc/passwd                                  | line 1
            a 300 IN A 192.0.2.1 junk                             | line 1
            a 300 CH TXT "x"                                      | class IN
            a.example.org. 300 IN A 192.0.2.1                     | is not in the zone example.com
            a 300 IN TXT "no end                                  | line 1
            $GENERATE 1-4294967295 h$ A 192.0.2.1                 | more than 1000 records
            """)
    @DisplayName(
            "what cannot be read is refused by its line; files of the server are never read, and nothing grows without bound")
    void badFilesAreRefusedByLine(String text, String complaint) {
        assertThatThrownBy(() -> read(text.replace("\\n", "\n")))
                .isInstanceOf(ApiProblem.class)
                .hasMessageStartingWith("/file ")
                .hasMessageContaining(complaint);
    }

    @Test
    @DisplayName("bent files are read or refused, and end no other way")
    void bentFilesAreReadOrRefused() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String good =
                "$ORIGIN example.com.\n$TTL 300\n@ IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m\n"
                        + "x IN CAA 0 issue \"a\"\ny IN TXT \"a\" ( \"b\"\n \"c\" )\n$GENERATE 1-3 h$ A 192.0.2.$\nz IN SRV 1 2 3 t\n";
        for (int i = 0; i < 2000; i++) {
            StringBuilder bent = new StringBuilder(good);
            for (int j = random.nextInt(4); j >= 0; j--) {
                bent.setCharAt(random.nextInt(bent.length()), "\n\"();\\$@ .09aZ\0é".charAt(random.nextInt(16)));
            }
            try {
                assertThat(read(bent.toString())).as("seed " + seed).hasSizeLessThanOrEqualTo(1000);
            } catch (ApiProblem refused) {
                assertThat(refused).as("seed " + seed).hasMessageStartingWith("/file ");
            }
        }
    }

    @Test
    @DisplayName("what is written is read as the same, comment, tags and proxying included")
    void whatIsWrittenIsReadAgain() {
        List<ObjectNode> records = List.of(
                json(
                        "{\"type\":\"A\",\"name\":\"a.example.com\",\"ttl\":1,\"content\":\"192.0.2.1\",\"proxied\":true,\"comment\":\"one; two\",\"tags\":[\"owner:web\"]}"),
                json(
                        "{\"type\":\"CNAME\",\"name\":\"*.example.com\",\"ttl\":300,\"content\":\"a.example.com\",\"proxied\":false}"),
                json("{\"type\":\"TXT\",\"name\":\"example.com\",\"ttl\":300,\"content\":\"\\\"v=spf1 -all\\\"\"}"),
                json(
                        "{\"type\":\"MX\",\"name\":\"example.com\",\"ttl\":300,\"priority\":10,\"content\":\"mail.example.com\"}"));

        String file = ZoneFileWriter.write(EXAMPLE, records, Instant.parse("2026-11-28T00:00:00Z"));

        assertThat(file)
                .startsWith(";; example.com, exported 2026-11-28T00:00:00Z\n")
                .contains("\na.example.com.\t1\tIN\tA\t192.0.2.1 ; one; two cf_tags=cf-proxied:true,owner:web\n");
        assertThat(read(file).stream().map(entry -> json(entry.json().toString())))
                .containsExactlyInAnyOrderElementsOf(records);
    }

    @Test
    @DisplayName(
            "text without quotes is put into them, in pieces of 255; what no zone file can hold is named in a comment")
    void unquotedTextIsQuoted() {
        String spf = "v=spf1 " + "include:x.example.com ".repeat(15);
        String file = ZoneFileWriter.write(
                EXAMPLE,
                List.of(
                        json("{\"type\":\"TXT\",\"name\":\"example.com\"}").put("content", spf),
                        json("{\"type\":\"A\",\"name\":\"b.example.com\",\"content\":\"nonsense\"}")),
                Instant.EPOCH);

        assertThat(file).contains(";; not written: a record of type A b.example.com\n");
        assertThat(one(file).path("content").asString())
                .isEqualTo("\"" + spf.substring(0, 255) + "\" \"" + spf.substring(255) + "\"");
    }

    @Test
    @DisplayName("in the zone of all domains names are whole, with and without their last dot")
    void inTheZoneOfAllDomainsNamesAreWhole() {
        assertThat(ZoneFileReader.read(
                        new ZoneUpload("a.example.com 300 A 192.0.2.1\nb.example.org. A 192.0.2.2\n", true),
                        ZoneDomain.ALL))
                .extracting(entry ->
                        entry.json().path("name").asString() + entry.json().path("proxied"))
                .containsExactly("a.example.comtrue", "b.example.orgtrue");
    }

    @Test
    @DisplayName("a thousand records are taken, one more is not")
    void aThousandAreTaken() {
        String most = IntStream.range(0, 1000)
                .mapToObj(i -> "h" + i + " A 192.0.2.1\n")
                .collect(Collectors.joining());

        assertThat(read(most)).hasSize(1000);
        assertThatThrownBy(() -> read(most + "one-more A 192.0.2.1\n")).hasMessageContaining("more than 1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    @DisplayName("forms have two fields, with line ends of RFC 7578 or those of Go's older client")
    void formsAreRead(String end) {
        String form = String.join(
                end,
                "--XX",
                "Content-Disposition: form-data; name=\"file\"; filename=\"bind.txt\"",
                "",
                "a 300 A 192.0.2.1",
                "",
                "--XX",
                "content-disposition: form-data; name=\"proxied\"",
                "",
                "true",
                "--XX--");

        assertThat(upload(form)).isEqualTo(new ZoneUpload("a 300 A 192.0.2.1" + end, true));
        assertThat(upload(form.replace("a 300 A 192.0.2.1" + end, ""))).isEqualTo(new ZoneUpload("", true));
        assertThatThrownBy(() -> upload(form.replace("--XX--", ""))).hasMessageContaining("does not come to its end");
        assertThatThrownBy(() -> upload(form.replace("true", "yes"))).hasMessageContaining("/proxied");
        assertThatThrownBy(() -> upload(form.replace("proxied", "file"))).hasMessageContaining("each name one field");
        assertThatThrownBy(() -> upload(form.replace("\"file\"", "\"other\"")))
                .hasMessageContaining("/file is required");
    }

    private static ZoneUpload upload(String form) {
        return ZoneUpload.read(
                MediaType.parseMediaType("multipart/form-data; boundary=\"XX\""),
                form.getBytes(StandardCharsets.UTF_8));
    }
}
