package io.sallyport.connector;

import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/** What a YAML parser dislikes, in one line: its own report shows the text and points at it, over seven lines. */
public final class YamlFault {
    private YamlFault() {}

    /** The sentences of the report, without the lines that show the text; where it is has to be said beside it. */
    public static String inWords(JacksonException fault) {
        return fault.getOriginalMessage()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                .map(String::strip)
                .collect(Collectors.joining(", "));
    }
}
