package io.sallyport.mtls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;

/** The OCSP responders named in a certificate (RFC 5280 §4.2.2.1, id-ad-ocsp). */
final class ResponderAddresses {
    private static final String EXTENSION = "1.3.6.1.5.5.7.1.1";
    private static final int MOST = 2;

    private ResponderAddresses() {}

    static List<URI> of(X509Certificate certificate) {
        return NamedAddresses.of(
                certificate,
                EXTENSION,
                MOST,
                value -> Stream.of(AuthorityInformationAccess.getInstance(value).getAccessDescriptions())
                        .filter(each -> each.getAccessMethod().equals(AccessDescription.id_ad_ocsp))
                        .map(AccessDescription::getAccessLocation));
    }
}
