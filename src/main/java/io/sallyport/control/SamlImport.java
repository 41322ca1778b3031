package io.sallyport.control;

import io.sallyport.saml.ProviderMetadata;
import io.sallyport.session.OutboundExchange;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills a SAML provider's {@code config} from the provider's metadata: {@code metadata_xml} holds the document, {@code metadata_url}
 * is where it is read, under the rules for outbound calls (OI-08). Read at every write, and by {@link MetadataRenewal} between them.
 */
final class SamlImport {
    /** The member of {@code config} that says where metadata lies. */
    static final String ADDRESS = "metadata_url";

    private static final String DOCUMENT = "metadata_xml";
    private static final String CERTIFICATES = "idp_public_certs";
    private static final String CERTIFICATE = "idp_public_cert";
    private static final int LONGEST_DOCUMENT = 256 * 1024;
    /** What every document says. */
    private static final List<String> IMPORTED =
            List.of("issuer_url", "sso_target_url", "request_binding", CERTIFICATES);

    private final OutboundExchange outbound;
    private final InstantSource clock;

    SamlImport(OutboundExchange outbound, InstantSource clock) {
        this.outbound = outbound;
        this.clock = clock;
    }

    /**
     * Changes the request's body; what metadata says replaces what the request said.
     *
     * @return the document that was read at its address, if that was where it came from
     */
    Optional<ProviderMetadata> fill(Fields provider) {
        return config(provider).flatMap(this::fillConfig);
    }

    /**
     * The same where nothing may be fetched (see {@link LeftOpen}): what was imported from this address before still counts, and for
     * another address what the request says, and else what was there.
     *
     * @param stored the {@code config} there is; missing when the provider is new
     */
    void fillUnread(Fields provider, JsonNode stored) {
        config(provider).ifPresent(config -> {
            if (!fillFromDocument(config) && config.webAddress(ADDRESS).isPresent()) {
                keep(config, stored);
            }
        });
    }

    private static Optional<Fields> config(Fields provider) {
        return provider.text("type", 100).orElse("").equals("saml") ? provider.object("config") : Optional.empty();
    }

    private boolean fillFromDocument(Fields config) {
        Optional<String> document = config.text(DOCUMENT, LONGEST_DOCUMENT);
        document.ifPresent(text -> {
            put(config.json(), parse(config, DOCUMENT, text));
            config.json().remove(DOCUMENT);
        });
        return document.isPresent();
    }

    private static void keep(Fields config, JsonNode stored) {
        boolean same = config.json().path(ADDRESS).equals(stored.path(ADDRESS));
        for (String member : IMPORTED) {
            JsonNode before = stored.get(member);
            if (before != null && (same || !config.has(member))) {
                config.json().set(member, before);
            }
        }
        boolean certified = config.has(CERTIFICATES) || config.has(CERTIFICATE);
        if (!certified || !config.has("issuer_url") || !config.has("sso_target_url")) {
            throw config.invalid(
                    ADDRESS,
                    "is not read for a token that may not write identity providers; give issuer_url, sso_target_url and "
                            + CERTIFICATES + " as well, or plan with a token that may");
        }
    }

    private Optional<ProviderMetadata> fillConfig(Fields config) {
        Optional<URI> address = config.webAddress(ADDRESS);
        if (fillFromDocument(config) || address.isEmpty()) {
            return Optional.empty();
        }
        ProviderMetadata metadata;
        try {
            metadata = parse(config, ADDRESS, outbound.get(address.get()));
        } catch (IOException unreachable) {
            throw config.invalid(ADDRESS, "could not be read: " + unreachable.getMessage());
        }
        put(config.json(), metadata);
        return Optional.of(metadata);
    }

    /**
     * Reads the document at an address.
     *
     * @throws IOException when there is none
     * @throws IllegalArgumentException when it cannot be used
     */
    ProviderMetadata read(URI address) throws IOException {
        return ProviderMetadata.parse(outbound.get(address), clock.instant());
    }

    private ProviderMetadata parse(Fields config, String source, String document) {
        try {
            return ProviderMetadata.parse(document, clock.instant());
        } catch (IllegalArgumentException bad) {
            throw config.invalid(source, String.valueOf(bad.getMessage()));
        }
    }

    /** Puts what metadata says; a certificate that it does not name counts no longer, wherever it stood. */
    static void put(ObjectNode config, ProviderMetadata metadata) {
        config.put("issuer_url", metadata.entityId()).put("sso_target_url", metadata.destination());
        config.put("request_binding", metadata.posts() ? "post" : "redirect");
        if (metadata.wantsSignedRequests()) {
            config.put("sign_request", true);
        }
        if (!names(config, metadata)) {
            ArrayNode certificates = config.putArray(CERTIFICATES);
            metadata.certificates().forEach(certificates::add);
            config.remove(CERTIFICATE);
        }
    }

    /** Whether the entry has exactly the certificates of the document, in whichever order and spelling. */
    static boolean names(JsonNode config, ProviderMetadata metadata) {
        Set<String> stored = config.path(CERTIFICATES)
                .valueStream()
                .map(each -> bare(each.asString("")))
                .collect(Collectors.toSet());
        List<String> named =
                metadata.certificates().stream().map(SamlImport::bare).toList();
        return !config.hasNonNull(CERTIFICATE) && stored.equals(Set.copyOf(named));
    }

    private static String bare(String certificate) {
        return certificate.replaceAll("-----(BEGIN|END) CERTIFICATE-----", "").replaceAll("\\s+", "");
    }
}
