package io.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmailTest {
    @Test
    void capitalsAreTheSameAddress() {
        assertThat(Email.parse("Mark@Example.COM").map(Email::value)).contains("mark@example.com");
    }

    /** The Kelvin sign and the dotted capital I have an ASCII letter for lower case. */
    @ParameterizedTest
    @ValueSource(strings = {"mar\u212A@example.com", "mark@\u212Aorp.example", "\u0130an@example.com"})
    void pn12_anAddressThatOnlyBecomesAnotherByLowerCaseIsNobodys(String address) {
        assertThat(Email.parse(address)).isEmpty();
    }

    @Test
    void addressesInOtherScriptsAreTheirOwn() {
        assertThat(Email.parse("JÖRG@bücher.example").map(Email::value)).contains("jörg@bücher.example");
    }
}
