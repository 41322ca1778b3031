package io.sallyport.identity;

import java.util.UUID;

/** A policy's id. */
public record PolicyId(UUID value) {
    /**
     * Reads an id as the API spells it.
     *
     * @throws IllegalArgumentException when it is not a UUID
     */
    public static PolicyId of(String text) {
        return new PolicyId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
