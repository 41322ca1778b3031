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
 * The sets of certificates that SAML providers encrypt for, as the one file names them: by the provider that uses a set. Their keys are
 * made here and stay here, so a provider that is new gets a new set, whatever it had elsewhere. Lives for one write.
 */
final class CertificateSets {
    static final String API_MEMBER = "saml_certificate_set_id";
    static final String FILE_MEMBER = "saml_certificate_set";

    private final Map<String, String> known = new HashMap<>();
    private final Set<String> providers;
    private final Supplier<String> maker;

    /** @param maker makes a set and answers with its id */
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

    /** Puts the id in the place of the name. */
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
