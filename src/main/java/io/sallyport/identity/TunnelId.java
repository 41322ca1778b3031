package io.sallyport.identity;

import java.util.UUID;

/** A tunnel's id. */
public record TunnelId(UUID value) {
    /**
     * Reads an id as the API spells it.
     *
     * @throws IllegalArgumentException when it is not a UUID
     */
    public static TunnelId of(String text) {
        return new TunnelId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
