package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sallyport.token.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The first admin token, configured or made. */
@ExtendWith(OutputCaptureExtension.class)
class BootstrapTokenTest {
    @TempDir
    private Path dir;

    @Test
    @DisplayName("AD-01: the made token is in a file only its owner reads; the log names the file, not the token")
    void madeTokenIsForItsOwnerOnly(CapturedOutput output) throws Exception {
        Path data = dir.resolve("not/yet/there");
        BootstrapToken made = BootstrapToken.of(null, data);
        Path file = data.resolve("admin-token");
        String token = Files.readString(file).strip();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(token).matches("sallyport_[A-Za-z0-9_-]{43}");
        assertThat(made.hash()).isEqualTo(Sha256.of(token));
        assertThat(output.getAll()).contains(file.toAbsolutePath().toString()).doesNotContain(token);
    }

    @Test
    @DisplayName("AD-01: a restart takes the same token; another directory gets another")
    void madeTokenOutlivesARestart() throws Exception {
        byte[] first = BootstrapToken.of(" ", dir).hash();
        String file = Files.readString(dir.resolve("admin-token"));
        assertThat(BootstrapToken.of(null, dir).hash()).isEqualTo(first);
        assertThat(Files.readString(dir.resolve("admin-token"))).isEqualTo(file);
        assertThat(BootstrapToken.of(null, dir.resolve("other")).hash()).isNotEqualTo(first);
    }

    @Test
    void anEmptyFileThatAFullDiskLeftIsMadeAnew() throws Exception {
        Path file = Files.createFile(dir.resolve("admin-token"));

        BootstrapToken made = BootstrapToken.of(null, dir);

        assertThat(made.hash()).isEqualTo(Sha256.of(Files.readString(file).strip()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void theOperatorsTokenWinsAndLeavesNoFile() {
        assertThat(BootstrapToken.of(" chosen-by-the-operator \n", dir).hash())
                .isEqualTo(Sha256.of("chosen-by-the-operator"));
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void aTokenTooShortToBeOneStopsTheStart() throws Exception {
        assertThatIllegalStateException()
                .isThrownBy(() -> BootstrapToken.of("tooweak", dir))
                .withMessageContaining("sallyport.admin-token")
                .withMessageNotContaining("tooweak");
        Files.writeString(dir.resolve("admin-token"), "\n");
        assertThatIllegalStateException().isThrownBy(() -> BootstrapToken.of(null, dir));
    }
}
