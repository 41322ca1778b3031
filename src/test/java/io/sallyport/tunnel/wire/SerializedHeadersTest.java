package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Header serialisation, as cloudflared reads and writes it. */
class SerializedHeadersTest {
    private static final String EXAMPLE = "Q29udGVudC1UeXBl:dGV4dC9wbGFpbg;U2V0LUNvb2tpZQ:YT0x;U2V0LUNvb2tpZQ:Yj0y";
    private static final List<Field> FIELDS = List.of(
            new Field("Content-Type", "text/plain"), new Field("Set-Cookie", "a=1"), new Field("Set-Cookie", "b=2"));

    @Test
    void theExampleIsReadAndWritten() {
        assertThat(SerializedHeaders.read(EXAMPLE)).isEqualTo(FIELDS);
        assertThat(SerializedHeaders.write(FIELDS)).isEqualTo(EXAMPLE);
    }

    @Test
    void emptyPiecesAreSkippedAndEmptyValuesKept() {
        assertThat(SerializedHeaders.read("")).isEmpty();
        assertThat(SerializedHeaders.read(";;" + EXAMPLE + ";")).isEqualTo(FIELDS);
        List<Field> empty = List.of(new Field("x", ""));
        assertThat(SerializedHeaders.read(SerializedHeaders.write(empty))).isEqualTo(empty);
    }

    @Test
    void everyOctetSurvives() {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            all.append(c);
        }
        List<Field> fields = List.of(new Field("x", all.toString()));
        assertThat(SerializedHeaders.read(SerializedHeaders.write(fields))).isEqualTo(fields);
    }

    @ParameterizedTest
    @ValueSource(strings = {"YQ", "YQ:YQ:YQ", "Y!:YQ", "YQ:Y", "YQ==:YQ", "YQ:YQ==", "YQ:_-8", "YQ;YQ"})
    void whatIsNoListOfPairsIsRefused(String text) {
        assertThatThrownBy(() -> SerializedHeaders.read(text)).isInstanceOf(WireRefusal.class);
    }

    @Test
    void tooManyFieldsAreRefused() {
        assertThatThrownBy(() -> SerializedHeaders.read("YQ:YQ;".repeat(5000))).isInstanceOf(WireRefusal.class);
    }
}
