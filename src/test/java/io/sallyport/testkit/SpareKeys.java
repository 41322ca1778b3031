package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.Extension;

/**
 * RSA keys that are made once for a build and not once for each who wants one: in a JVM without the optimising compiler a key takes
 * a second of a processor, and the tests, with the servers they start, want some two hundred. Java's own generator makes the first
 * few and leaves them under {@code target/spare-keys}, where the other test JVMs find them; then they come round again. Nobody
 * compares more than a handful. JUnit finds this by itself.
 */
public final class SpareKeys implements Extension {
    private static final int BITS = 2048;
    private static final int MOST = 24;
    private static final Path PLACE = Path.of("target", "spare-keys").toAbsolutePath();
    private static final AtomicInteger TAKEN = new AtomicInteger();

    static {
        Security.insertProviderAt(new Spares(), 1);
    }

    /** Has Java ask {@link Generator} first. */
    private static final class Spares extends Provider {
        private static final long serialVersionUID = 1;

        Spares() {
            super("SpareKeys", "1", "RSA keys of an earlier test");
            put("KeyPairGenerator.RSA", Generator.class.getName());
        }
    }

    /** Hands out the next key of the usual size, and makes those of any other. */
    public static final class Generator extends KeyPairGeneratorSpi {
        private int bits = BITS;

        @Override
        public void initialize(int size, SecureRandom random) {
            bits = size;
        }

        @Override
        public void initialize(AlgorithmParameterSpec parameters, SecureRandom random) {
            bits = ((RSAKeyGenParameterSpec) parameters).getKeysize();
        }

        @Override
        public KeyPair generateKeyPair() {
            try {
                return bits == BITS ? spare(TAKEN.getAndIncrement() % MOST) : made(bits);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static KeyPair made(int bits) throws GeneralSecurityException {
        KeyPairGenerator own = KeyPairGenerator.getInstance("RSA", "SunRsaSign");
        own.initialize(bits);
        return own.generateKeyPair();
    }

    /** One JVM makes it, and whoever wants the same one meanwhile waits for that. */
    private static synchronized KeyPair spare(int number) throws GeneralSecurityException, IOException {
        Files.createDirectories(PLACE);
        Path file = PLACE.resolve("rsa-" + number);
        try (FileChannel turn = FileChannel.open(
                PLACE.resolve("lock-" + number), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            turn.lock();
            if (Files.exists(file)) {
                return read(file);
            }
            KeyPair pair = made(BITS);
            Path whole = Files.write(
                    PLACE.resolve("new-" + number), pair.getPrivate().getEncoded());
            Files.move(whole, file);
            return pair;
        }
    }

    private static KeyPair read(Path file) throws GeneralSecurityException, IOException {
        KeyFactory keys = KeyFactory.getInstance("RSA");
        RSAPrivateCrtKey key =
                (RSAPrivateCrtKey) keys.generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(file)));
        return new KeyPair(keys.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())), key);
    }
}
