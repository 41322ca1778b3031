package io.sallyport.identity;

import java.util.UUID;

/** A service token's id; not its client id. */
public record ServiceTokenId(UUID value) {
    /**
     * Reads an id as the API spells it.
     *
     * @throws IllegalArgumentException when it is not a UUID
     */
    public static ServiceTokenId of(String text) {
        return new ServiceTokenId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
