package io.sallyport.mtls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.GeneralName;

/** Who answers about a certificate, by what it says itself (RFC 5280 §4.2.2.1, id-ad-ocsp). Other schemes than http and https are passed over. */
final class ResponderAddresses {
    private static final String EXTENSION = "1.3.6.1.5.5.7.1.1";
    private static final int MOST = 2;

    private ResponderAddresses() {}

    static List<URI> of(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(EXTENSION);
        if (extension == null) {
            return List.of();
        }
        List<URI> addresses = new ArrayList<>();
        try {
            AuthorityInformationAccess access = AuthorityInformationAccess.getInstance(
                    ASN1OctetString.getInstance(extension).getOctets());
            for (AccessDescription each : access.getAccessDescriptions()) {
                GeneralName location = each.getAccessLocation();
                if (each.getAccessMethod().equals(AccessDescription.id_ad_ocsp)
                        && location.getTagNo() == GeneralName.uniformResourceIdentifier) {
                    add(ASN1IA5String.getInstance(location.getName()).getString(), addresses);
                }
            }
        } catch (RuntimeException unreadable) {
            return List.of(DistributionPoints.UNREADABLE);
        }
        return addresses.stream().distinct().limit(MOST).toList();
    }

    private static void add(String text, List<URI> addresses) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.startsWith("http://") || lower.startsWith("https://")) {
            addresses.add(URI.create(text));
        }
    }
}
