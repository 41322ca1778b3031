package io.sallyport.mtls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Where a certificate says that its revocation list lies (RFC 5280 §4.2.1.13). */
final class DistributionPoints {
    private static final String EXTENSION = "2.5.29.31";
    private static final int MOST = 4;

    private DistributionPoints() {}

    static List<URI> of(X509Certificate certificate) {
        return NamedAddresses.of(
                certificate,
                EXTENSION,
                MOST,
                value -> Stream.of(CRLDistPoint.getInstance(value).getDistributionPoints())
                        .map(DistributionPoint::getDistributionPoint)
                        .filter(Objects::nonNull)
                        .filter(name -> name.getType() == DistributionPointName.FULL_NAME)
                        .flatMap(name -> Stream.of(
                                GeneralNames.getInstance(name.getName()).getNames())));
    }
}
