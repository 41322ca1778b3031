package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void whatTerminalsInterpretBecomesAQuestionMark() {
        assertThat(Printable.of("a\u001b[2Jb\n\u0000é")).isEqualTo("a?[2Jb???");
    }

    @Test
    void aTextIsCutBeforeItsCharactersAreReplaced() {
        String face = "\ud83d\ude00"; // two chars that become one
        assertThat(Printable.of(face, 200)).isEqualTo("?");
        assertThat(Printable.of("ab" + face, 3)).isEqualTo("ab?");
    }
}
