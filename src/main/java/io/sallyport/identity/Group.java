package io.sallyport.identity;

import org.jspecify.annotations.Nullable;

/**
 * A group an identity provider reported at the last login. Providers that know groups by name alone repeat it as the id.
 *
 * @param id what {@code azureAD} selectors compare
 * @param name what {@code okta} selectors compare
 * @param email what {@code gsuite} selectors compare
 */
public record Group(String id, String name, @Nullable String email) {
    /** A group known by its name alone. */
    public static Group named(String name) {
        return new Group(name, name, null);
    }
}
