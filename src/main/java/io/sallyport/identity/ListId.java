package io.sallyport.identity;

import java.util.UUID;

/** The id of a list of e-mail addresses or client addresses. */
public record ListId(UUID value) {
    /**
     * Reads an id as the API spells it.
     *
     * @throws IllegalArgumentException when it is not a UUID
     */
    public static ListId of(String text) {
        return new ListId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
