package io.sallyport.mtls;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses the client certificate in the header of a trusted proxy. The format is recognised by the value: the structured
 * bytes of RFC 9440, PEM with or without URL escapes as nginx and others write it, bare base64 of the DER, or the
 * fields of Envoy's {@code X-Forwarded-Client-Cert}. Only the configured header is read, because a header that the
 * proxy does not set may come from its client.
 */
public final class ForwardedCertificate {
    private static final String RFC_9440 = "client-cert";
    private static final String ENVOY = "x-forwarded-client-cert";
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");
    private static final Pattern ENVOY_FIELD = Pattern.compile("(?:^|;)(?i:(cert|chain))=\"([^\"]*)\"");

    private ForwardedCertificate() {}

    /** The further header that belongs to it: RFC 9440 has the intermediates in one of their own. */
    public static List<String> names(String header) {
        return header.equalsIgnoreCase(RFC_9440) ? List.of(header, header + "-Chain") : List.of(header);
    }

    /**
     * Reads it.
     *
     * @param headers all values of a field, in order; an empty list when there is none
     * @return {@link Shown#GARBAGE} when there is something else than one certificate with its intermediates
     */
    public static Shown read(String header, Function<String, List<String>> headers) {
        List<String> values = headers.apply(header);
        if (values.isEmpty() || (values.size() == 1 && isNothing(values.getFirst()))) {
            return Shown.NOTHING;
        }
        if (values.size() > 1) {
            return Shown.GARBAGE;
        }
        try {
            List<X509Certificate> chain = new ArrayList<>();
            switch (header.toLowerCase(Locale.ROOT)) {
                case ENVOY -> envoy(values.getFirst(), chain);
                case RFC_9440 -> {
                    chain.add(structured(values.getFirst()));
                    for (String list : headers.apply(header + "-Chain")) {
                        for (String each : list.split(",", Shown.LONGEST + 2)) {
                            chain.add(structured(each.strip()));
                        }
                    }
                }
                default -> chain.addAll(plain(values.getFirst()));
            }
            return chain.isEmpty() ? Shown.GARBAGE : Shown.of(chain);
        } catch (CertificateException | IllegalArgumentException unreadable) {
            return Shown.GARBAGE;
        }
    }

    /** What proxies write for a visitor without a certificate. */
    private static boolean isNothing(String value) {
        String bare = value.strip();
        return bare.isEmpty() || bare.equals("-") || bare.equals("(null)");
    }

    /** A byte sequence (RFC 9651 §3.3.5). */
    private static X509Certificate structured(String value) throws CertificateException {
        String bare = value.strip();
        if (bare.length() < 2 || !bare.startsWith(":") || !bare.endsWith(":")) {
            throw new CertificateException("not a byte sequence");
        }
        return Pem.certificate(Base64.getDecoder().decode(bare.substring(1, bare.length() - 1)));
    }

    private static List<X509Certificate> plain(String value) throws CertificateException {
        String bare = value.strip();
        if (bare.startsWith(":")) {
            return List.of(structured(bare));
        }
        String text = bare.indexOf('%') >= 0
                ? URLDecoder.decode(bare.replace("+", "%2B"), StandardCharsets.US_ASCII) // '+' is base64's, not a space
                : bare;
        if (!text.startsWith("-----BEGIN")) {
            return List.of(Pem.certificate(Base64.getDecoder().decode(text)));
        }
        List<X509Certificate> chain = new ArrayList<>();
        Matcher blocks = PEM.matcher(text);
        while (blocks.find() && chain.size() <= Shown.LONGEST) {
            chain.add(Pem.certificate(
                    Base64.getMimeDecoder().decode(blocks.group(1).getBytes(StandardCharsets.US_ASCII))));
        }
        return chain;
    }

    /**
     * Parses a header with a single element. Several elements mean several hops, and it is not known which one the
     * trusted proxy wrote.
     */
    private static void envoy(String value, List<X509Certificate> chain) throws CertificateException {
        if (value.replaceAll("\"[^\"]*\"", "").indexOf(',') >= 0) {
            throw new CertificateException("several hops");
        }
        List<X509Certificate> further = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Matcher fields = ENVOY_FIELD.matcher(value);
        while (fields.find()) {
            // Names in a certificate stand beside these fields as its holder had them written, without quotes.
            if (!seen.add(fields.group(1).toLowerCase(Locale.ROOT))) {
                throw new CertificateException("one field twice");
            }
            List<X509Certificate> read = plain(fields.group(2));
            (fields.group(1).equalsIgnoreCase("cert") ? chain : further).addAll(read);
        }
        further.stream().filter(each -> !chain.contains(each)).forEach(chain::add);
    }
}
