package io.sallyport.web;

import java.util.Map;

/**
 * A form that posts to another site through the browser, such as a SAML request. A script submits it; without scripts
 * the person presses its button.
 *
 * @param to the name of the destination
 * @param action where it posts
 * @param fields hidden fields by name
 */
public record HandOver(String to, String action, Map<String, String> fields) {
    /** Copies the fields. */
    public HandOver {
        fields = Map.copyOf(fields);
    }
}
