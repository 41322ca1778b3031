package io.sallyport.launcher;

import io.sallyport.token.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
        return HexFormat.of().formatHex(Sha256.of(CONTENT), 0, 8);
    }
}
