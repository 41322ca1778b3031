package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which proxy the environment names for which origin. */
class OriginProxiesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # NO_PROXY                | origin                     | proxied
            ''                        | http://app.example:8080    | true
            ''                        | http://localhost:8080      | false
            ''                        | http://127.8.8.8:80        | false
            ''                        | http://[::1]:80            | false
            *                         | http://app.example         | false
            app.example               | http://app.example         | false
            app.example               | http://deep.app.example    | false
            app.example               | http://myapp.example       | true
            .app.example              | http://app.example         | true
            .app.example              | http://deep.app.example    | false
            *.app.example             | http://deep.app.example    | false
            app.example:8080          | http://app.example:8080    | false
            app.example:8080          | http://app.example:8081    | true
            'x, 10.0.0.0/8'           | http://10.1.2.3            | false
            10.0.0.0/8                | http://11.1.2.3            | true
            10.1.2.3                  | http://10.1.2.3            | false
            10.1.2.3:81               | http://10.1.2.3:80         | true
            2001:db8::/32             | http://[2001:db8::1]:80    | false
            APP.Example               | http://App.example         | false
            """)
    void theListOfExceptionsIsReadAsGoReadsIt(String exceptions, String origin, boolean isProxied) {
        OriginProxies proxies = of(Map.of("HTTP_PROXY", "http://proxy.example:3128", "NO_PROXY", exceptions));
        assertThat(proxies.of((Service.Http) Service.parse(origin)).isPresent()).isEqualTo(isProxied);
    }

    @Test
    void eachSchemeHasItsProxyAndCapitalsComeFirst() {
        OriginProxies proxies = of(Map.of(
                "HTTP_PROXY", "proxy.example",
                "http_proxy", "http://other.example",
                "https_proxy", "socks5://me:p%40ss@socks.example"));
        assertThat(proxies.of((Service.Http) Service.parse("http://app.example")))
                .hasToString("Optional[HTTP proxy proxy.example:80]");
        assertThat(proxies.of((Service.Http) Service.parse("https://app.example")))
                .hasToString("Optional[SOCKS5 proxy socks.example:1080]")
                .get()
                .satisfies(proxy -> assertThat(proxy.password()).isEqualTo("p@ss"));
        assertThat(OriginProxies.NONE.of((Service.Http) Service.parse("http://app.example")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://user:s3cr3t@proxy.example", "http://", "https://user:s3cr3t@proxy.example", "http://a b"})
    void aProxyThatCannotBeUsedStopsTheStartWithoutShowingItsPassword(String url) {
        assertThatThrownBy(() -> of(Map.of("HTTPS_PROXY", url)))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("HTTPS_PROXY")
                .hasMessageNotContaining("s3cr3t");
    }

    private static OriginProxies of(Map<String, String> environment) {
        return OriginProxies.of(
                name -> Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty()));
    }
}
