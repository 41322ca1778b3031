package io.sallyport.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The sealed box in which tokens travel to a command line. */
class NaclBoxTest {
    private static final HexFormat HEX = HexFormat.of();
    private final NaclBox.KeyPair edge = NaclBox.KeyPair.generate();
    private final NaclBox.KeyPair commandLine = NaclBox.KeyPair.generate();
    private final byte[] plain = "{\"app_token\":\"a.b.c\"}".getBytes(StandardCharsets.UTF_8);

    /** The test of NaCl's own paper ("Cryptography in NaCl"): first key, nonce, message and box. */
    @Test
    void thePublishedVectorOfNaClComesOut() {
        byte[] key = HEX.parseHex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
        byte[] nonce = HEX.parseHex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
        byte[] message = HEX.parseHex("be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc"
                + "e5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31"
                + "0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde"
                + "048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f93776384864"
                + "5e0705");

        byte[] sealed = NaclBox.seal(message, nonce, key);

        assertThat(HEX.formatHex(Arrays.copyOfRange(sealed, 24, 24 + 16 + 16)))
                .isEqualTo("f3ffc7703f9400e52a7dfb4b3d3305d9" + "8e993b9f48681273c29650ba32fc76ce");
    }

    @Test
    void onlyTheHolderOfTheKeyOpensWhatTheSenderSealed() {
        byte[] sealed = NaclBox.seal(plain, commandLine.publicKey(), edge);

        assertThat(NaclBox.open(sealed, edge.publicKey(), commandLine)).hasValue(plain);
        assertThat(NaclBox.open(sealed, edge.publicKey(), NaclBox.KeyPair.generate()))
                .isEmpty();
        assertThat(NaclBox.open(sealed, NaclBox.KeyPair.generate().publicKey(), commandLine))
                .isEmpty();
    }

    @Test
    void oneChangedBitAnywhereSpoilsIt() {
        byte[] sealed = NaclBox.seal(plain, commandLine.publicKey(), edge);
        for (int i = 0; i < sealed.length; i++) {
            byte[] spoiled = sealed.clone();
            spoiled[i] ^= 1;
            assertThat(NaclBox.open(spoiled, edge.publicKey(), commandLine))
                    .as("byte " + i)
                    .isEmpty();
        }
        assertThat(NaclBox.open(new byte[39], edge.publicKey(), commandLine)).isEmpty();
    }

    @Test
    void keysThatAreNoneAreRefused() {
        assertThatThrownBy(() -> NaclBox.seal(plain, new byte[31], edge)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NaclBox.seal(plain, new byte[32], edge))
                .as("a point of small order would make the secret known")
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(NaclBox.open(new byte[80], new byte[32], commandLine)).isEmpty();
    }

    @Test
    void theCodeIsTheSameWithAndWithoutPadding() {
        assertThat(PairingCode.of("abc=")).isEqualTo(PairingCode.of("abc")).matches("[0-9A-F]{4}-[0-9A-F]{4}");
        assertThat(PairingCode.of("abd")).isNotEqualTo(PairingCode.of("abc"));
    }
}
