package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
    private static final CidrTable PROXIES = CidrTable.of(
            Stream.of("10.0.0.0/8", "2001:db8:10::/48").map(Cidr::parse).toList());

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // peer | X-Forwarded-For | client
                "203.0.113.5 | | 203.0.113.5",
                "203.0.113.5 | 198.51.100.1 | 203.0.113.5",
                "10.0.0.1 | | 10.0.0.1",
                "10.0.0.1 | 198.51.100.1 | 198.51.100.1",
                "10.0.0.1 | 192.0.2.66, 198.51.100.1 | 198.51.100.1",
                "10.0.0.1 | 192.0.2.66, 198.51.100.1, 10.0.0.2 | 198.51.100.1",
                "10.0.0.1 | 10.0.0.3, 10.0.0.2 | 10.0.0.3",
                "10.0.0.1 | 192.0.2.66, unknown | 10.0.0.1",
                "10.0.0.1 | 192.0.2.66, unknown, 10.0.0.2 | 10.0.0.2",
                "10.0.0.1 | 198.51.100.1:4711 | 198.51.100.1",
                "10.0.0.1 | [2001:db8::1]:4711 | 2001:db8::1",
                "10.0.0.1 | 2001:db8::1 | 2001:db8::1",
                "10.0.0.1 | ::ffff:198.51.100.1 | 198.51.100.1",
                "10.0.0.1 | 198.51.100.1, | 10.0.0.1",
                "10.0.0.1 | 198.51.100.01 | 10.0.0.1",
                "10.0.0.1 | localhost | 10.0.0.1",
                "2001:db8:10::1 | 198.51.100.1 | 198.51.100.1",
                "::ffff:10.0.0.1 | 198.51.100.1 | 198.51.100.1",
            })
    @DisplayName("PN-13 HH-03: the chain counts from its near end and only as far as it is listed")
    void walksListedProxiesOnly(String peer, String forwardedFor, String expected) {
        assertThat(resolve(peer, "X-Forwarded-For: " + (forwardedFor == null ? "" : forwardedFor))
                        .address())
                .isEqualTo(InetAddress.ofLiteral(expected));
    }

    @Test
    void severalFieldLinesAreOneChain() {
        assertThat(resolve("10.0.0.1", "X-Forwarded-For: 192.0.2.66", "X-Forwarded-For: 198.51.100.1, 10.0.0.9")
                        .address())
                .isEqualTo(InetAddress.ofLiteral("198.51.100.1"));
    }

    @Test
    void standardHeaderIsReadToo() {
        ClientAddress client = resolve(
                "10.0.0.1",
                "Forwarded: for=192.0.2.66;proto=http, For=\"[2001:db8::7]:99\";PROTO=https;host=\"a.example;x\"");
        assertThat(client.address()).isEqualTo(InetAddress.ofLiteral("2001:db8::7"));
        assertThat(client.scheme()).isEqualTo("https");
        assertThat(client.host()).isEqualTo("a.example;x");
    }

    @Test
    @DisplayName("PN-13: a Forwarded header that a listed proxy merely passed on cannot choose the address")
    void contradictingAccountsAreRefused() {
        assertThat(ClientAddress.resolve(
                        InetAddress.ofLiteral("10.0.0.1"),
                        PROXIES,
                        headers("X-Forwarded-For: 198.51.100.1", "Forwarded: for=192.0.2.66")::get))
                .isEmpty();
        assertThat(resolve("10.0.0.1", "X-Forwarded-For: 198.51.100.1", "Forwarded: for=198.51.100.1")
                        .address())
                .isEqualTo(InetAddress.ofLiteral("198.51.100.1"));
        assertThat(resolve("203.0.113.5", "X-Forwarded-For: 198.51.100.1", "Forwarded: for=192.0.2.66")
                        .address())
                .isEqualTo(InetAddress.ofLiteral("203.0.113.5"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.5 | https | a.example | |",
                "10.0.0.1 | https | a.example | https | a.example",
                "10.0.0.1 | HTTPS | a.example | https | a.example",
                "10.0.0.1 | gopher | | |",
                "10.0.0.1 | http, https | x.example, a.example | https | a.example",
            })
    @DisplayName("HH-03: scheme and host are believed of listed proxies only")
    void schemeAndHost(String peer, String proto, String host, String expectedScheme, String expectedHost) {
        ClientAddress client = resolve(
                peer,
                "X-Forwarded-For: 198.51.100.1",
                "X-Forwarded-Proto: " + proto,
                host == null ? "X-Ignored: x" : "X-Forwarded-Host: " + host);
        assertThat(client.scheme()).isEqualTo(expectedScheme);
        assertThat(client.host()).isEqualTo(expectedHost);
    }

    @Test
    void schemeOfTheHopThatSawTheClientCounts() {
        assertThat(resolve("10.0.0.1", "X-Forwarded-For: 198.51.100.1, 10.0.0.2", "X-Forwarded-Proto: https, http")
                        .scheme())
                .isEqualTo("https");
    }

    private static ClientAddress resolve(String peer, String... fields) {
        return ClientAddress.resolve(InetAddress.ofLiteral(peer), PROXIES, headers(fields)::get)
                .orElseThrow();
    }

    private record Headers(Map<String, List<String>> fields) {
        List<String> get(String name) {
            return fields.getOrDefault(name, List.of());
        }
    }

    private static Headers headers(String... fields) {
        Map<String, List<String>> headers = new HashMap<>();
        Arrays.stream(fields)
                .map(field -> field.split(": ", 2))
                .filter(field -> field.length == 2 && !field[1].isEmpty())
                .forEach(field -> headers.computeIfAbsent(field[0], _ -> new ArrayList<>())
                        .add(field[1]));
        return new Headers(headers);
    }
}
