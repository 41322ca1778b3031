package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldSyntaxTest {
    @ParameterizedTest
    @ValueSource(strings = {"0", "007", "999999999999999999"})
    void digitsAreALength(String value) {
        assertThat(FieldSyntax.isLength(value)).isTrue();
        assertThat(Long.parseLong(value)).isNotNegative();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+1", "-1", " 1", "1,1", "0x1", "1000000000000000000", "\u0661"})
    void whatTwoReadersCouldReadDifferentlyIsNoLength(String value) {
        assertThat(FieldSyntax.isLength(value)).isFalse();
    }
}
