package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CookieHeaderTest {
    private static final String NAME = "CF_Authorization";

    @Test
    @DisplayName("CS-04: every value of a name, in order, byte for byte")
    void listsAllValues() {
        CookieHeader cookies = CookieHeader.parse(List.of(
                "CF_Authorization=one; a=b;CF_Authorization=two ;  CF_Authorization=\"three\"",
                "CF_Authorization=f=o,u:r"));
        assertThat(cookies.values(NAME)).containsExactly("one", "two ", "\"three\"", "f=o,u:r");
        assertThat(cookies.values("a")).containsExactly("b");
        assertThat(cookies.values("missing")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cf_authorization=x",
                "CF_Authorization =x",
                "\"CF_Authorization\"=x",
                "\u00a0CF_Authorization=x",
                "\u2003CF_Authorization=x",
                "\rCF_Authorization=x",
                "XCF_Authorization=x",
                "CF_AuthorizationX=x",
                "CF_Authorization",
                "$CF_Authorization=x",
                "a=CF_Authorization=x",
                "a,CF_Authorization=x",
                "CF%5FAuthorization=x",
            })
    @DisplayName("CS-04: no spelling but the name itself is the name")
    void knowsNoAliases(String field) {
        assertThat(CookieHeader.parse(List.of(field)).values(NAME)).isEmpty();
    }

    @Test
    @DisplayName("CS-04: $Version and quotes mean nothing")
    void knowsNoLegacyMode() {
        CookieHeader cookies = CookieHeader.parse(
                List.of("$Version=1; a=\"x; CF_Authorization=inside; y\"; CF_Authorization=\"q\\\"\""));
        assertThat(cookies.values(NAME)).containsExactly("inside", "\"q\\\"\"");
        assertThat(cookies.values("a")).containsExactly("\"x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "a=1; CF_Binding=s; b=2|a=1; b=2",
                "CF_Binding=s; b=2|b=2",
                "a=1; CF_Binding=s|a=1",
                "a=1;CF_Binding=s;b= \"2\" |a=1;b= \"2\" ",
                "a=1;; b|a=1;; b",
                "CF_Binding=1; CF_Binding=2; a=CF_Binding=3|a=CF_Binding=3",
                "a=1; CF_Binding =s; \"CF_Binding\"=t; \u00a0CF_Binding=u|a=1",
                "cf_binding=s; CF_BindingX=t|cf_binding=s; CF_BindingX=t",
                "a=1; CF_Binding|a=1",
                "a=1|a=1",
            })
    @DisplayName("HH-07: named cookies are taken out, all others stay byte for byte")
    void takesOutNamedCookies(String field, String expected) {
        assertThat(CookieHeader.parse(List.of(field)).without(Set.of("CF_Binding")))
                .hasValue(expected);
    }

    @Test
    void severalFieldsBecomeOne() {
        CookieHeader cookies = CookieHeader.parse(List.of("a=1", "CF_Binding=s", "b=2; c=3"));
        assertThat(cookies.without(Set.of("CF_Binding"))).hasValue("a=1; b=2; c=3");
    }

    @Test
    void nothingLeftIsNoHeader() {
        assertThat(CookieHeader.parse(List.of("CF_Binding=s")).without(Set.of("CF_Binding")))
                .isEmpty();
        assertThat(CookieHeader.parse(List.of()).without(Set.of("CF_Binding"))).isEmpty();
        assertThat(CookieHeader.parse(List.of("")).without(Set.of())).isEmpty();
    }
}
