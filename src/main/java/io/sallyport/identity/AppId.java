package io.sallyport.identity;

import java.util.UUID;

/** An application's id. */
public record AppId(UUID value) {
    /**
     * Reads an id as the API spells it.
     *
     * @throws IllegalArgumentException when it is not a UUID
     */
    public static AppId of(String text) {
        return new AppId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
