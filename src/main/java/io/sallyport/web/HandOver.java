package io.sallyport.web;

import java.util.Map;

/**
 * A form that takes the browser to another site with what must be posted there, such as a SAML request. It sends itself; without
 * scripts the person presses its button.
 *
 * @param to the name of what is behind it
 * @param action where it posts
 * @param fields hidden fields by name
 */
public record HandOver(String to, String action, Map<String, String> fields) {
    /** Copies the fields. */
    public HandOver {
        fields = Map.copyOf(fields);
    }
}
