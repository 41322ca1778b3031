package io.sallyport.http;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Request ids: 16 hex digits, unique enough to find one request in a log, and no secret. */
public final class Rays {
    private static final HexFormat HEX = HexFormat.of();

    private Rays() {}

    /** A new one, never all zeros because traces forbid that. */
    public static String next() {
        return HEX.toHexDigits(ThreadLocalRandom.current().nextLong() | 1L);
    }
}
