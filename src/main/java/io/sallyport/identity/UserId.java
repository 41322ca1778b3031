package io.sallyport.identity;

import java.util.UUID;

/** A person's id: the token's {@code sub}. */
public record UserId(UUID value) {
    /**
     * Reads an id as the API spells it.
     *
     * @throws IllegalArgumentException when it is not a UUID
     */
    public static UserId of(String text) {
        return new UserId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
