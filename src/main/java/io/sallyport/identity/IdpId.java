package io.sallyport.identity;

import java.util.UUID;

/** An identity provider's id. */
public record IdpId(UUID value) {
    /**
     * Reads an id as the API spells it.
     *
     * @throws IllegalArgumentException when it is not a UUID
     */
    public static IdpId of(String text) {
        return new IdpId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
