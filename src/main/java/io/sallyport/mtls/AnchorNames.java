package io.sallyport.mtls;

import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;

/**
 * The name constraints of an uploaded authority (RFC 5280 §4.2.1.10). The JDK applies those of intermediates and refuses to build any
 * path when an anchor has some.
 */
final class AnchorNames {
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";

    private AnchorNames() {}

    /** Whether the authority may vouch for the names of all these; what cannot be read, it may not. */
    static boolean permit(X509Certificate authority, List<X509Certificate> certificates) {
        byte[] extension = authority.getExtensionValue(NAME_CONSTRAINTS);
        if (extension == null) {
            return true;
        }
        try {
            NameConstraints constraints = NameConstraints.getInstance(
                    ASN1OctetString.getInstance(extension).getOctets());
            PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
            GeneralSubtree[] permitted = constraints.getPermittedSubtrees();
            if (permitted != null) {
                validator.intersectPermittedSubtree(permitted);
            }
            GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
            if (excluded != null) {
                for (GeneralSubtree each : excluded) {
                    validator.addExcludedSubtree(each);
                }
            }
            for (X509Certificate each : certificates) {
                check(validator, each);
            }
            return true;
        } catch (NameConstraintValidatorException | RuntimeException notPermitted) {
            return false;
        }
    }

    private static void check(PKIXNameConstraintValidator validator, X509Certificate certificate)
            throws NameConstraintValidatorException {
        X500Name subject =
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        if (subject.getRDNs().length > 0) {
            check(validator, new GeneralName(subject));
        }
        byte[] extension = certificate.getExtensionValue(ALTERNATIVE_NAMES);
        if (extension != null) {
            for (GeneralName name : GeneralNames.getInstance(
                            ASN1OctetString.getInstance(extension).getOctets())
                    .getNames()) {
                check(validator, name);
            }
        }
    }

    private static void check(PKIXNameConstraintValidator validator, GeneralName name)
            throws NameConstraintValidatorException {
        validator.checkPermitted(name);
        validator.checkExcluded(name);
    }
}
