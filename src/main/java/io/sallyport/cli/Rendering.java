package io.sallyport.cli;

import java.io.PrintStream;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** The output formats for programs ({@code --output}); without it a {@link Table} is printed for people. */
enum Rendering {
    JSON {
        @Override
        ObjectMapper mapper() {
            return JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();
        }
    },
    YAML {
        @Override
        ObjectMapper mapper() {
            return YAMLMapper.builder()
                    .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                    .build();
        }
    };

    abstract ObjectMapper mapper();

    /** Prints one document. */
    void print(Object result, PrintStream out) {
        out.println(mapper().writeValueAsString(result).stripTrailing());
    }
}
