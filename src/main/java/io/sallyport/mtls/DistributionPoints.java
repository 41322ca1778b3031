package io.sallyport.mtls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Where a certificate says that its revocation list lies (RFC 5280 §4.2.1.13). Other schemes than http and https are passed over. */
final class DistributionPoints {
    private static final String EXTENSION = "2.5.29.31";
    private static final int MOST = 4;

    /** Names something, so it must not count as naming nothing. */
    static final URI UNREADABLE = URI.create("http://unreadable.invalid/");

    private DistributionPoints() {}

    static List<URI> of(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(EXTENSION);
        if (extension == null) {
            return List.of();
        }
        List<URI> addresses = new ArrayList<>();
        try {
            CRLDistPoint points = CRLDistPoint.getInstance(
                    ASN1OctetString.getInstance(extension).getOctets());
            for (DistributionPoint point : points.getDistributionPoints()) {
                DistributionPointName name = point.getDistributionPoint();
                if (name != null && name.getType() == DistributionPointName.FULL_NAME) {
                    for (GeneralName each :
                            GeneralNames.getInstance(name.getName()).getNames()) {
                        if (each.getTagNo() == GeneralName.uniformResourceIdentifier) {
                            add(ASN1IA5String.getInstance(each.getName()).getString(), addresses);
                        }
                    }
                }
            }
        } catch (RuntimeException unreadable) {
            return List.of(UNREADABLE);
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
