package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeyTest {
    @TempDir
    Path directory;

    @Test
    void readOrCreateWhenAbsentThenMakesOneThatOnlyItsOwnerReads() throws Exception {
        Path file = directory.resolve("master-key");

        MasterKey made = MasterKey.readOrCreate(file);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Base64.getDecoder().decode(Files.readString(file).strip())).hasSize(32);
        assertThat(MasterKey.readOrCreate(file).id()).isEqualTo(made.id());
        assertThat(Files.list(directory)).as("nothing is left beside it").containsExactly(file);
    }

    @Test
    void parseWhenNotThirtyTwoBytesThenSaysSoWithoutRepeatingIt() {
        String short31 = Base64.getEncoder().encodeToString(new byte[31]);

        assertThatThrownBy(() -> MasterKey.parse(short31))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("31 bytes")
                .hasMessageNotContaining(short31);
        assertThatThrownBy(() -> MasterKey.parse("no base64 at all!"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("no base64 at all!");
    }

    @Test
    void readWhenFileHoldsNoKeyThenNamesTheFile() throws Exception {
        Path file = Files.writeString(directory.resolve("key"), "garbage!");

        assertThatThrownBy(() -> MasterKey.read(file)).hasMessageContaining(file.toString());
    }

    @Test
    void toStringGivesNothingAway() {
        String base64 = Base64.getEncoder().encodeToString(new byte[32]);

        assertThat(MasterKey.parse(base64).toString())
                .doesNotContain(base64)
                .contains(MasterKey.parse(base64).id());
    }
}
