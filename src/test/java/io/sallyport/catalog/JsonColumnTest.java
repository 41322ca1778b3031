package io.sallyport.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a row shows before it is read back is what PostgreSQL's jsonb will return. */
class JsonColumnTest {
    private static final JsonMapper EXACT = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @ParameterizedTest(name = "{0}")
    @DisplayName("members stand in jsonb's order, the shorter name first, at every depth; numbers are written out")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"ccc": 1, "b": 2, "aa": 3}                | {"b":2,"aa":3,"ccc":1}
            {"x": [{"name": "n", "id": "i"}, "t", null]} | {"x":[{"id":"i","name":"n"},"t",null]}
            {"é": 1, "zz": 2, "z": 3}                  | {"z":3,"zz":2,"é":1}
            {"n": 1.10, "m": 1e3, "o": 2.5e-3, "p": 7} | {"m":1000,"n":1.10,"o":0.0025,"p":7}
            {}                                         | {}
            """)
    void aTreeIsAsItWillBeRead(String written, String read) {
        assertThat(JsonColumn.asStored(EXACT.readTree(written)).toString()).isEqualTo(read);
    }
}
