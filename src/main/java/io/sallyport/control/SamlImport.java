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
    private static final int LONGEST_DOCUMENT = 256 * 1024;

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
        return provider.text("type", 100).orElse("").equals("saml")
                ? provider.object("config").flatMap(this::fillConfig)
                : Optional.empty();
    }

    private Optional<ProviderMetadata> fillConfig(Fields config) {
        Optional<String> document = config.text("metadata_xml", LONGEST_DOCUMENT);
        Optional<URI> address = config.webAddress("metadata_url");
        if (document.isPresent()) {
            put(config.json(), parse(config, "metadata_xml", document.get()));
            config.json().remove("metadata_xml");
            return Optional.empty();
        }
        if (address.isEmpty()) {
            return Optional.empty();
        }
        ProviderMetadata metadata;
        try {
            metadata = parse(config, "metadata_url", outbound.get(address.get()));
        } catch (IOException unreachable) {
            throw config.invalid("metadata_url", "could not be read: " + unreachable.getMessage());
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
            ArrayNode certificates = config.putArray("idp_public_certs");
            metadata.certificates().forEach(certificates::add);
            config.remove("idp_public_cert");
        }
    }

    /** Whether the entry has exactly the certificates of the document, in whichever order and spelling. */
    static boolean names(JsonNode config, ProviderMetadata metadata) {
        Set<String> stored = config.path("idp_public_certs")
                .valueStream()
                .map(each -> bare(each.asString("")))
                .collect(Collectors.toSet());
        List<String> named =
                metadata.certificates().stream().map(SamlImport::bare).toList();
        return !config.hasNonNull("idp_public_cert") && stored.equals(Set.copyOf(named));
    }

    private static String bare(String certificate) {
        return certificate.replaceAll("-----(BEGIN|END) CERTIFICATE-----", "").replaceAll("\\s+", "");
    }
}
