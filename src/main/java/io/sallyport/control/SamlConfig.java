package io.sallyport.control;

import io.sallyport.saml.Certificates;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks what only a SAML provider's {@code config} has. */
final class SamlConfig {
    private static final int LONGEST_CERTIFICATE = 16_384;
    private static final int MOST_CERTIFICATES = 20;
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,99}");
    private static final Set<String> BINDINGS = Set.of("redirect", "post");

    /** Headers that say something else already: about the connection, the message, the visitor, or the gate. */
    private static final Set<String> TAKEN = Set.of(
            "accept-encoding",
            "authorization",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "cookie",
            "expect",
            "forwarded",
            "host",
            "keep-alive",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private SamlConfig() {}

    /** Encryption needs a set of certificates, which {@code POST …/saml_certificate} makes. */
    static void checkEncryption(Fields provider) {
        boolean wanted = provider.object("config")
                .map(config -> config.isSet("enable_encryption"))
                .orElse(false);
        if (wanted && provider.uuid("saml_certificate_set_id").isEmpty()) {
            throw provider.invalid("saml_certificate_set_id", "is required with enable_encryption");
        }
    }

    static void check(Fields config) {
        config.line("issuer_url", Limits.URL);
        checkCertificates(config);
        for (Fields header : config.objects("header_attributes", 100)) {
            header.requiredLine("attribute_name", 300);
            checkHeader(header, header.requiredLine("header_name", 100));
        }
        config.oneOf("request_binding", BINDINGS);
        config.flag("allow_idp_initiated");
        config.webAddress("idp_initiated_target");
    }

    /** Without a certificate nothing the provider says could be verified (SA-03). */
    private static void checkCertificates(Fields config) {
        List<String> several = texts(config);
        for (int i = 0; i < several.size(); i++) {
            check(config.pointerTo("idp_public_certs") + "/" + i, several.get(i));
        }
        config.text("idp_public_cert", LONGEST_CERTIFICATE)
                .ifPresent(one -> check(config.pointerTo("idp_public_cert"), one));
        if (several.isEmpty() && !config.has("idp_public_cert")) {
            throw config.invalid("idp_public_certs", "needs at least one certificate");
        }
    }

    /** PEM has lines, so these are texts and not lines. */
    private static List<String> texts(Fields config) {
        return config.list("idp_public_certs", MOST_CERTIFICATES).stream()
                .map(node -> {
                    if (!node.isString() || node.stringValue().length() > LONGEST_CERTIFICATE) {
                        throw config.invalid(
                                "idp_public_certs", "must be texts of at most " + LONGEST_CERTIFICATE + " characters");
                    }
                    return node.stringValue();
                })
                .toList();
    }

    private static void check(String pointer, String certificate) {
        try {
            Certificates.parse(certificate);
        } catch (IllegalArgumentException bad) {
            throw ApiProblem.invalid(pointer, String.valueOf(bad.getMessage()));
        }
    }

    private static void checkHeader(Fields header, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!HEADER_NAME.matcher(name).matches()) {
            throw header.invalid("header_name", "must be letters, digits and dashes");
        }
        if (TAKEN.contains(lower) || lower.startsWith("cf-") || lower.startsWith("x-forwarded-")) {
            throw header.invalid("header_name", "means something else already");
        }
    }
}
