package io.sallyport.testkit;

import io.sallyport.token.KeyRing;
import io.sallyport.token.SigningKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Signing keys for tests, made once because making one takes a while. */
public final class TestKeys {
    /** When the tests' world begins. */
    public static final Instant START = Instant.parse("2026-11-25T10:00:00Z");

    /** The key in force. */
    public static final SigningKey CURRENT = SigningKey.generate(START);

    /** The key that comes after it. */
    public static final SigningKey NEXT = SigningKey.generate(START);

    /** A key of somebody else's. */
    public static final SigningKey FOREIGN = SigningKey.generate(START);

    private TestKeys() {}

    /** A ring in which {@link #CURRENT} signs from a day before the start and nothing else is known. */
    public static KeyRing ring() {
        return KeyRing.of(List.of(current()));
    }

    /** The entry of {@link #CURRENT}. */
    public static KeyRing.Entry current() {
        Instant yesterday = START.minus(Duration.ofDays(1));
        return new KeyRing.Entry(CURRENT, yesterday, yesterday, null);
    }
}
