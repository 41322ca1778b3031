package io.sallyport.mtls;

import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * One whose client certificates count.
 *
 * @param list a revocation list that an admin uploaded
 */
public record Authority(
        String name,
        X509Certificate certificate,
        Revocation revocation,
        @Nullable X509CRL list) {
    /** A list of a million entries is not walked through for each look-up. */
    @Override
    public int hashCode() {
        return certificate.hashCode();
    }
}
