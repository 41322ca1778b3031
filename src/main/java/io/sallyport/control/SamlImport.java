package io.sallyport.control;

import io.sallyport.saml.ProviderMetadata;
import io.sallyport.session.OutboundExchange;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills a SAML provider's {@code config} from the provider's metadata: {@code metadata_xml} holds the document, {@code metadata_url}
 * is where it is read, under the rules for outbound calls (OI-08). Read again at every write, so that a write without changes
 * picks up new certificates.
 */
final class SamlImport {
    private static final int LONGEST_DOCUMENT = 256 * 1024;

    private final OutboundExchange outbound;

    SamlImport(OutboundExchange outbound) {
        this.outbound = outbound;
    }

    /** Changes the request's body; what metadata says replaces what the request said. */
    void fill(Fields provider) {
        if (!provider.text("type", 100).orElse("").equals("saml")) {
            return;
        }
        Optional<Fields> config = provider.object("config");
        config.ifPresent(this::fillConfig);
    }

    private void fillConfig(Fields config) {
        Optional<String> document = config.text("metadata_xml", LONGEST_DOCUMENT);
        Optional<URI> address = config.webAddress("metadata_url");
        if (document.isPresent()) {
            put(config, "metadata_xml", document.get());
            config.json().remove("metadata_xml");
        } else if (address.isPresent()) {
            try {
                put(config, "metadata_url", outbound.get(address.get()));
            } catch (IOException unreachable) {
                throw config.invalid("metadata_url", "could not be read: " + unreachable.getMessage());
            }
        }
    }

    private static void put(Fields config, String source, String document) {
        ProviderMetadata metadata;
        try {
            metadata = ProviderMetadata.parse(document);
        } catch (IllegalArgumentException bad) {
            throw config.invalid(source, String.valueOf(bad.getMessage()));
        }
        ObjectNode json = config.json();
        json.put("issuer_url", metadata.entityId()).put("sso_target_url", metadata.destination());
        json.put("request_binding", metadata.posts() ? "post" : "redirect");
        if (metadata.wantsSignedRequests()) {
            json.put("sign_request", true);
        }
        ArrayNode certificates = json.putArray("idp_public_certs");
        metadata.certificates().forEach(certificates::add);
    }
}
