package io.sallyport.web;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The login page: how to sign in to one application.
 *
 * @param applicationName what the person is about to open
 * @param applicationLogo https URL, null when the application has none
 * @param methods identity providers to choose from
 * @param pin the form for a one-time PIN, null when the application does not offer it
 * @param notice one line above the methods, null when there is nothing to say
 * @param error what was wrong with the last input, null on a first visit
 */
public record LoginView(
        String applicationName,
        @Nullable String applicationLogo,
        List<Method> methods,
        @Nullable PinForm pin,
        @Nullable String notice,
        @Nullable String error) {
    /** Copies the methods. */
    public LoginView {
        methods = List.copyOf(methods);
    }

    /** One identity provider. */
    public record Method(String name, String href) {
        /** The letter on its badge. */
        public String initial() {
            return Initial.of(name);
        }
    }

    /**
     * Asks for an address.
     *
     * @param action where the form goes
     * @param token proves that this browser was given the form
     * @param email what was typed before
     */
    public record PinForm(String action, String token, String email) {}
}
