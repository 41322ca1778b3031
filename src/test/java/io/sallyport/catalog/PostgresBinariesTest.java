package io.sallyport.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresBinariesTest {
    /** A full disk ends it too, and every attempt would leave more there. */
    @Test
    void unpackingThatFailsLeavesNothing(@TempDir Path parent) {
        String noArchive = "/" + PostgresBinariesTest.class.getName().replace('.', '/') + ".class";

        assertThatThrownBy(() -> PostgresBinaries.tryUnpack(noArchive, parent, parent.resolve("home")))
                .isInstanceOf(IOException.class);

        assertThat(parent).isEmptyDirectory();
    }
}
