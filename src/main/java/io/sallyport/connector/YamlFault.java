package io.sallyport.connector;

import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/** Describes the error of a YAML parser in one line. The parser's own report has seven lines, with an excerpt of the text. */
public final class YamlFault {
    private YamlFault() {}

    /** The sentences of the report without the excerpt. The caller must add the position. */
    public static String inWords(JacksonException fault) {
        return fault.getOriginalMessage()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .map(String::strip)
                .collect(Collectors.joining(", "));
    }
}
