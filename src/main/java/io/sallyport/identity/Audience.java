package io.sallyport.identity;

import java.util.regex.Pattern;

/** An application's audience tag: 64 lower-case hex digits, fixed for its life and never reused. */
public record Audience(String value) {
    private static final Pattern TAG = Pattern.compile("[0-9a-f]{64}");

    /** @throws IllegalArgumentException when the text is not 64 lower-case hex digits */
    public Audience {
        if (!TAG.matcher(value).matches()) {
            throw new IllegalArgumentException("an audience tag is 64 lower-case hex digits");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
