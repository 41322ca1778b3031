package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Translates references to sets of SAML encryption certificates, which the configuration file names by the provider
 * that uses them. Their keys are created here and never leave, so a new provider gets a new set, whatever it had on
 * another deployment. One instance serves one write.
 */
final class CertificateSets {
    static final String API_MEMBER = "saml_certificate_set_id";
    static final String FILE_MEMBER = "saml_certificate_set";

    private final Map<String, String> known = new HashMap<>();
    private final Set<String> providers;
    private final Supplier<String> maker;

    /** @param maker creates a set and returns its id */
    CertificateSets(ConfigDocument document, ConfigMatch match, Supplier<String> maker) {
        this.maker = maker;
        this.providers = document.all(ConfigKind.IDENTITY_PROVIDERS).stream()
                .map(Entry::label)
                .collect(Collectors.toUnmodifiableSet());
        match.known(ConfigKind.IDENTITY_PROVIDERS).forEach((entry, item) -> {
            boolean own = item.entry().path(FILE_MEMBER).asString("").equals(item.label());
            if (own) {
                known.put(entry.label(), item.view().path(API_MEMBER).asString(""));
            }
        });
    }

    /** Replaces the name by the id. */
    void toApi(ObjectNode provider, Entry entry) {
        JsonNode named = provider.remove(FILE_MEMBER);
        if (named == null || named.isNull()) {
            return;
        }
        String name = named.asString("");
        if (!providers.contains(name)) {
            throw ApiProblem.invalid(
                    entry.pointer() + "/" + FILE_MEMBER,
                    "names no identity provider of the file; write the provider's own name for a set of its own");
        }
        provider.put(API_MEMBER, known.computeIfAbsent(name, any -> maker.get()));
    }
}
