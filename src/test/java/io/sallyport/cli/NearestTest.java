package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody meant who mistyped a name. */
class NearestTest {
    @Test
    void aMistypedNameIsFound() {
        assertThat(Nearest.hint("wikki", List.of("wiki", "vault"))).isEqualTo("; did you mean wiki?");
        assertThat(Nearest.hint("VAULT", List.of("wiki", "vault"))).isEqualTo("; did you mean vault?");
    }

    @Test
    void aNameFarFromAllGetsToSeeThem() {
        assertThat(Nearest.hint("payroll", List.of("wiki", "vault"))).isEqualTo("; there is vault, wiki");
        assertThat(Nearest.hint("payroll", List.of("f", "e", "d", "c", "b", "a")))
                .isEqualTo("; there is a, b, c, d, e, …");
    }

    @Test
    void whereThereIsNothingThatIsSaid() {
        assertThat(Nearest.hint("wiki", List.of())).isEqualTo("; there is none yet");
    }
}
