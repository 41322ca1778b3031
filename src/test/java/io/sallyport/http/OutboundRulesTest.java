package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.http.OutboundRules.OutboundRefused;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundRulesTest {
    private static final OutboundRules NOTHING_LISTED = OutboundRules.of(List.of());
    private static final OutboundRules INSIDE =
            OutboundRules.of(List.of("10.0.0.0/8", "127.0.0.0/8", "::1", "Keycloak.internal"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "100.64.0.1",
                "100.100.100.200",
                "169.254.169.254",
                "192.0.0.192",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "240.0.0.1",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "2002:7f00:1::",
                "2001:0:7f00:1::",
                "2001:db8::1",
                "192.0.2.1"
            })
    @DisplayName("OI-08: no loopback, private, link-local, metadata or wrapped address")
    void refusesAddressesThatAreNotPublic(String address) {
        assertThat(NOTHING_LISTED.permits("idp.example.com", InetAddress.ofLiteral(address)))
                .isFalse();
        String host = address.contains(":") ? "[" + address + "]" : address;
        assertThatThrownBy(() -> NOTHING_LISTED.check(URI.create("https://" + host + "/")))
                .isInstanceOf(OutboundRefused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.1.0.1", "2606:4700::1", "2a00:1450::1"})
    void permitsPublicAddresses(String address) {
        assertThat(NOTHING_LISTED.permits("idp.example.com", InetAddress.ofLiteral(address)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://idp.example.com/",
                "ftp://idp.example.com/",
                "file:///etc/passwd",
                "https:///x",
                "https://user@idp.example.com/",
                "https://idp.example.com/#x",
                "//idp.example.com/",
                "https:opaque",
                "http://10.0.0.1:8080/",
                "http://keycloak.internal/",
                "http://localhost:8080/",
            })
    @DisplayName("OI-08: https to a host, and nothing else, unless listed")
    void refusesOtherUrls(String url) {
        assertThatThrownBy(() -> NOTHING_LISTED.check(URI.create(url))).isInstanceOf(OutboundRefused.class);
    }

    @Test
    void listedPlacesMayBePrivateAndPlain() {
        for (String url : List.of(
                "http://10.0.0.1:8080/x",
                "http://KEYCLOAK.internal:8080/",
                "https://idp.example.com/",
                "http://localhost:9000/",
                "http://idp.localhost:9000/",
                "http://[::1]:9000/")) {
            assertThatCode(() -> INSIDE.check(URI.create(url))).as(url).doesNotThrowAnyException();
        }
        assertThat(INSIDE.permits("keycloak.internal", InetAddress.ofLiteral("192.168.7.7")))
                .isTrue();
        assertThat(INSIDE.permits("other.internal", InetAddress.ofLiteral("192.168.7.7")))
                .isFalse();
        assertThat(INSIDE.permits("other.internal", InetAddress.ofLiteral("10.7.7.7")))
                .isTrue();
        assertThatThrownBy(() -> INSIDE.check(URI.create("http://other.internal/")))
                .isInstanceOf(OutboundRefused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*.internal", "https://idp.internal", "idp.internal:8080", "10.0.0.0/99", "", "a b"})
    void entryThatIsNeitherIsNamed(String entry) {
        assertThatThrownBy(() -> OutboundRules.of(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sallyport.outbound.allow")
                .hasMessageContaining("\"" + entry + "\"");
    }
}
