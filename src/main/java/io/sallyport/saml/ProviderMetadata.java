package io.sallyport.saml;

import static io.sallyport.saml.SamlNames.METADATA;
import static io.sallyport.saml.SamlNames.POST_BINDING;
import static io.sallyport.saml.SamlNames.REDIRECT_BINDING;
import static io.sallyport.saml.SamlNames.SIGNATURE;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.datatype.DatatypeFactory;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * The parts of an identity provider's metadata that we need (SAML Metadata §2.4.3). Its signature is not verified: an
 * admin uploaded the document, or it was fetched over https from a URL that an admin configured.
 *
 * @param entityId the issuer of its assertions
 * @param destination URL of its single sign-on endpoint
 * @param posts whether that is by HTTP-POST, because it has no address for redirects
 * @param certificates base64, of all signing keys
 * @param wantsSignedRequests whether it refuses requests that are not signed
 * @param validUntil when it is no longer to be used; null: it does not say
 * @param cacheDuration how long until one may ask again; null: it does not say
 */
public record ProviderMetadata(
        String entityId,
        String destination,
        boolean posts,
        List<String> certificates,
        boolean wantsSignedRequests,
        @Nullable Instant validUntil,
        @Nullable Duration cacheDuration) {
    private static final int MOST_CERTIFICATES = 20;

    /** Copies the list. */
    public ProviderMetadata {
        certificates = List.copyOf(certificates);
    }

    /**
     * Reads a document that describes one identity provider.
     *
     * @throws IllegalArgumentException saying what is missing; a provider without certificates is refused, because nothing it
     *     says could ever be verified (SA-03), and so is a document that says itself that its time is over
     */
    public static ProviderMetadata parse(String document, Instant now) {
        ProviderMetadata metadata = parse(document);
        if (metadata.validUntil() != null && !now.isBefore(metadata.validUntil())) {
            throw new IllegalArgumentException("was valid until " + metadata.validUntil() + " only");
        }
        return metadata;
    }

    private static ProviderMetadata parse(String document) {
        try {
            List<Element> all = Elements.all(StrictXml.document(document.getBytes(StandardCharsets.UTF_8)));
            List<Element> providers = all.stream()
                    .filter(each -> Elements.is(each, METADATA, "IDPSSODescriptor"))
                    .toList();
            if (providers.size() != 1
                    || !(providers.getFirst().getParentNode() instanceof Element entity)
                    || !Elements.is(entity, METADATA, "EntityDescriptor")) {
                throw new IllegalArgumentException("must describe exactly one identity provider");
            }
            return read(entity, providers.getFirst());
        } catch (SamlRefused refused) {
            throw new IllegalArgumentException(
                    refused.problem() == SamlProblem.TOO_LARGE
                            ? "must have at most 256 KiB"
                            : "must be XML without a DOCTYPE: " + refused.getMessage(),
                    refused);
        }
    }

    private static ProviderMetadata read(Element entity, Element provider) throws SamlRefused {
        String entityId = Elements.attribute(entity, "entityID");
        Map<String, String> addresses = new TreeMap<>();
        for (Element service : Elements.children(provider, METADATA, "SingleSignOnService")) {
            addresses.putIfAbsent(
                    String.valueOf(Elements.attribute(service, "Binding")),
                    String.valueOf(Elements.attribute(service, "Location")));
        }
        boolean posts = !addresses.containsKey(REDIRECT_BINDING);
        String destination = addresses.get(posts ? POST_BINDING : REDIRECT_BINDING);
        if (entityId == null || entityId.isBlank() || destination == null) {
            throw new IllegalArgumentException("names no entityID, or no SingleSignOnService by redirect or post");
        }
        List<String> certificates = certificates(provider);
        if (certificates.isEmpty() || certificates.size() > MOST_CERTIFICATES) {
            throw new IllegalArgumentException("must hold 1 to " + MOST_CERTIFICATES + " signing certificates");
        }
        return new ProviderMetadata(
                entityId,
                destination,
                posts,
                certificates,
                Boolean.parseBoolean(Elements.attribute(provider, "WantAuthnRequestsSigned")),
                validUntil(provider),
                cacheDuration(provider));
    }

    /** Of the provider and all it stands in, the soonest. */
    private static @Nullable Instant validUntil(Element provider) {
        Instant soonest = null;
        for (Node node = provider; node instanceof Element element; node = element.getParentNode()) {
            String text = Elements.attribute(element, "validUntil");
            Instant end = text == null ? null : instant(text.strip());
            soonest = end != null && (soonest == null || end.isBefore(soonest)) ? end : soonest;
        }
        return soonest;
    }

    /** Without a zone it is UTC (SAML Core §1.3.3). */
    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text.matches(".*(Z|[+-]\\d\\d:\\d\\d)") ? text : text + "Z")
                    .toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("has a validUntil that is no time", e);
        }
    }

    /** Of the provider and all it stands in, the shortest; advice only, so what cannot be read says nothing. */
    private static @Nullable Duration cacheDuration(Element provider) {
        Duration shortest = null;
        for (Node node = provider; node instanceof Element element; node = element.getParentNode()) {
            String text = Elements.attribute(element, "cacheDuration");
            Duration one = text == null ? null : duration(text.strip());
            shortest = one != null && (shortest == null || one.compareTo(shortest) < 0) ? one : shortest;
        }
        return shortest;
    }

    /** XML's durations have months, which Java's have not. */
    private static @Nullable Duration duration(String text) {
        try {
            GregorianCalendar january = GregorianCalendar.from(Instant.EPOCH.atZone(ZoneOffset.UTC));
            return Duration.ofMillis(
                    DatatypeFactory.newDefaultInstance().newDuration(text).getTimeInMillis(january));
        } catch (IllegalArgumentException unreadable) {
            return null;
        }
    }

    /** A key without a use is for everything. */
    private static List<String> certificates(Element provider) throws SamlRefused {
        List<String> certificates = new ArrayList<>();
        for (Element key : Elements.children(provider, METADATA, "KeyDescriptor")) {
            String use = Elements.attribute(key, "use");
            if (use == null || use.equals("signing")) {
                for (Element each : Elements.all(key)) {
                    if (Elements.is(each, SIGNATURE, "X509Certificate")) {
                        certificates.add(
                                Elements.text(each, SamlProblem.MALFORMED).replaceAll("\\s+", ""));
                    }
                }
            }
        }
        return certificates.stream().distinct().toList();
    }
}
