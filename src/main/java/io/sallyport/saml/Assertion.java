package io.sallyport.saml;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The content of a verified assertion.
 *
 * @param id unique at its issuer; to be used only once on all replicas (SA-10)
 * @param usableUntil when the assertion expires, and so how long its use must be recorded
 * @param nameId the subject's name, null when there is none
 * @param attributes values by attribute name, in order; the values of an attribute that came twice are put together
 */
public record Assertion(
        String id,
        Instant usableUntil,
        @Nullable String nameId,
        @Nullable String nameIdFormat,
        Map<String, List<String>> attributes) {
    /** Keeps the attributes' order. */
    public Assertion {
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /** The subject's name, when the provider says that it is an e-mail address. */
    public Optional<String> emailNameId() {
        return SamlNames.EMAIL_FORMAT.equals(nameIdFormat) ? Optional.ofNullable(nameId) : Optional.empty();
    }
}
