package io.sallyport.mtls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/** The addresses of revocation lists in a certificate (RFC 5280 §4.2.1.13). */
final class DistributionPoints {
    private static final String EXTENSION = "2.5.29.31";
    private static final int MOST = 4;
    private static final GeneralName IN_A_DIRECTORY = new GeneralName(GeneralName.directoryName, "");

    private DistributionPoints() {}

    static List<URI> of(X509Certificate certificate) {
        return NamedAddresses.of(
                certificate,
                EXTENSION,
                MOST,
                value -> Stream.of(CRLDistPoint.getInstance(value).getDistributionPoints())
                        .map(DistributionPoint::getDistributionPoint)
                        .flatMap(DistributionPoints::names));
    }

    /**
     * The names of a distribution point; a name relative to the issuer cannot be resolved without knowing the directory
     * server.
     */
    private static Stream<GeneralName> names(@Nullable DistributionPointName point) {
        return point != null && point.getType() == DistributionPointName.FULL_NAME
                ? Stream.of(GeneralNames.getInstance(point.getName()).getNames())
                : Stream.of(IN_A_DIRECTORY);
    }
}
