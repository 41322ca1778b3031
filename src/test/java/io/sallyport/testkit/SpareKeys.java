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
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.Extension;

/**
 * RSA keys that are made once for a build and not once for each who wants one: in a JVM without the optimising compiler a key takes
 * a second of a processor, and the tests, with the servers they start, want some two hundred. Java's own generator makes a few in a
 * process that has that compiler and leaves them under {@code target/spare-keys} for all test JVMs; then they come round again. Nobody
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

    /** The first who wants one has all of them made, and whoever wants one meanwhile waits for that. */
    private static synchronized KeyPair spare(int number) throws GeneralSecurityException, IOException {
        Path file = file(PLACE, number);
        if (!Files.exists(file)) {
            Files.createDirectories(PLACE);
            try (FileChannel turn =
                    FileChannel.open(PLACE.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                turn.lock();
                if (!Files.exists(file)) {
                    mill();
                }
            }
        }
        return read(file);
    }

    /** Runs {@link Mill} as a process of its own. */
    private static void mill() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Mill.class.getName(),
                        PLACE.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException("no RSA keys were made");
        }
    }

    /** Makes the keys that are not there yet, in a Java with its optimising compiler: it takes a quarter of the time. */
    static final class Mill {
        private Mill() {}

        /** @param arguments the directory they go to */
        public static void main(String[] arguments) {
            Path place = Path.of(arguments[0]);
            IntStream.range(0, MOST)
                    .parallel()
                    .filter(number -> !Files.exists(file(place, number)))
                    .forEach(number -> make(place, number));
        }

        private static void make(Path place, int number) {
            try {
                Path whole = Files.write(
                        place.resolve("new-" + number), made(BITS).getPrivate().getEncoded());
                Files.move(whole, file(place, number));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Path file(Path place, int number) {
        return place.resolve("rsa-" + number);
    }

    private static KeyPair read(Path file) throws GeneralSecurityException, IOException {
        KeyFactory keys = KeyFactory.getInstance("RSA");
        RSAPrivateCrtKey key =
                (RSAPrivateCrtKey) keys.generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(file)));
        return new KeyPair(keys.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())), key);
    }
}
