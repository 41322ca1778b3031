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
 * Addresses that an extension of a certificate names (RFC 5280 §4.2). Other schemes than http and https are passed over, but a
 * certificate that names nothing else still names something: it must not pass for one that names nobody.
 */
final class NamedAddresses {
    /** Stands for all that cannot be read, and answers nobody. */
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
        } catch (RuntimeException unreadable) { // what a stranger wrote is refused in many ways
            return List.of(UNREADABLE);
        }
    }

    private static boolean isOfTheWeb(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.startsWith("http://") || lower.startsWith("https://");
    }
}
