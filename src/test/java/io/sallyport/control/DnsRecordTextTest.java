package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The text of a record that came in parts. */
class DnsRecordTextTest {
    private static ObjectNode data(String json) {
        return (ObjectNode) JsonMapper.shared().readTree(json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            SRV    | {"priority": 5, "weight": 0, "port": 5222.0, "target": "talk.example.com"} | 0 5222 talk.example.com
            URI    | {"weight": 1, "target": "https://example.com/"}                            | 1 "https://example.com/"
            CAA    | {"flags": "0", "tag": "issue", "value": "ca.example.com"}                   | 0 issue "ca.example.com"
            CAA    | {"flags": 128, "tag": "issue", "value": "ca.example.com"}                   | 128 issue "ca.example.com"
            HTTPS  | {"priority": 1, "target": ".", "value": "alpn=\\"h2\\""}                    | 1 . alpn="h2"
            DNSKEY | {"flags": 257, "protocol": 3, "algorithm": 13, "public_key": "bWRz"}        | 257 3 13 bWRz
            DS     | {"key_tag": 1, "algorithm": 13, "digest_type": 2, "digest": "AB"}           | 1 13 2 AB
            TLSA   | {"usage": 3, "selector": 1, "matching_type": 1, "certificate": "ab"}        | 3 1 1 ab
            SSHFP  | {"algorithm": 4, "type": 2, "fingerprint": "ab"}                            | 4 2 ab
            NAPTR  | {"order": 1, "preference": 2, "flags": "S", "service": "SIP+D2U", "regex": "", "replacement": "_sip._udp.example.com"} | 1 2 "S" "SIP+D2U" "" _sip._udp.example.com
            LOC    | {"lat_degrees": 37, "lat_minutes": 46, "lat_seconds": 46, "lat_direction": "N", "long_degrees": 122, "long_minutes": 23, "long_seconds": 35, "long_direction": "W", "altitude": 0, "size": 100, "precision_horz": 0, "precision_vert": 0} | 37 46 46.000 N 122 23 35.000 W 0.00 100.00 0.00 0.00
            """)
    void thePartsMakeTheTextThatZoneFilesHave(String type, String json, String text) {
        assertThat(DnsRecordText.of(type, data(json))).hasValue(text);
    }

    @Test
    void withoutAPartOrForAnotherTypeThereIsNoText() {
        assertThat(DnsRecordText.of("SRV", data("{\"weight\": 0, \"target\": \"a.example.com\"}")))
                .isEmpty();
        assertThat(DnsRecordText.of("SRV", data("{\"weight\": {}, \"port\": 1, \"target\": \"a.example.com\"}")))
                .isEmpty();
        assertThat(DnsRecordText.of("TXT", data("{\"value\": \"x\"}"))).isEmpty();
    }
}
