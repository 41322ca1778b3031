package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A document that a comment or a page names is one that the reader can open. */
class NamedFilesTest {
    private static final Pattern DOCUMENT = Pattern.compile("[A-Za-z0-9_./-]+\\.md\\b");

    @Test
    void everyDocumentThatIsNamedIsInTheRepository() throws IOException {
        List<String> missing;
        try (Stream<Path> sources = Files.walk(Path.of("src"));
                Stream<Path> pages = Files.list(Path.of("."))) {
            missing = Stream.concat(
                            sources, pages.filter(page -> page.toString().endsWith(".md")))
                    .filter(Files::isRegularFile)
                    .flatMap(NamedFilesTest::missing)
                    .toList();
        }
        assertThat(missing).isEmpty();
    }

    private static Stream<String> missing(Path file) {
        try {
            // Latin-1 reads every file, whatever it is; the names are ASCII.
            return DOCUMENT.matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .results()
                    .map(name -> name.group())
                    .filter(name -> !Files.exists(Path.of(name)))
                    .map(name -> file + " names " + name);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
