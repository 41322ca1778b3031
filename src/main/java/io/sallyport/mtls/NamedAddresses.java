package io.sallyport.mtls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * The http and https addresses in an extension of a certificate (RFC 5280 §4.2). If an extension has only other
 * schemes, the result is {@link #UNREADABLE}, so that the certificate is not treated like one without the extension.
 */
final class NamedAddresses {
    /** Stands for addresses that cannot be used; it never answers. */
    static final URI UNREADABLE = URI.create("http://unreadable.invalid/");

    private NamedAddresses() {}

    /**
     * The first of them; {@link #UNREADABLE} alone when the extension cannot be read or names only places where we cannot ask, none
     * when it names none.
     *
     * @param names what the extension's value names
     */
    static List<URI> of(
            X509Certificate certificate, String extension, int most, Function<byte[], Stream<GeneralName>> names) {
        byte[] value = certificate.getExtensionValue(extension);
        if (value == null) {
            return List.of();
        }
        try {
            List<GeneralName> named =
                    names.apply(ASN1OctetString.getInstance(value).getOctets()).toList();
            List<URI> all = named.stream()
                    .filter(name -> name.getTagNo() == GeneralName.uniformResourceIdentifier)
                    .map(name -> ASN1IA5String.getInstance(name.getName()).getString())
                    .filter(NamedAddresses::isOfTheWeb)
                    .map(URI::create)
                    .toList(); // all are read, so that one that cannot be is not passed over behind the others
            return all.isEmpty() && !named.isEmpty()
                    ? List.of(UNREADABLE)
                    : all.stream().distinct().limit(most).toList();
        } catch (RuntimeException unreadable) { // malformed input causes many types of exceptions
            return List.of(UNREADABLE);
        }
    }

    private static boolean isOfTheWeb(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.startsWith("http://") || lower.startsWith("https://");
    }
}
