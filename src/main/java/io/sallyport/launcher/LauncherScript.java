package io.sallyport.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The portal's one script. Its address holds its content's hash, so browsers may keep it for as long as they like. */
final class LauncherScript {
    private static final byte[] CONTENT = read();
    private static final String PATH = "/assets/launcher-" + hash() + ".js";

    private LauncherScript() {}

    static String path() {
        return PATH;
    }

    static byte[] content() {
        return CONTENT.clone();
    }

    private static byte[] read() {
        try (InputStream script = LauncherScript.class.getResourceAsStream("/assets/launcher.js")) {
            if (script == null) {
                throw new IllegalStateException("assets/launcher.js is missing from the jar");
            }
            return script.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(CONTENT);
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
