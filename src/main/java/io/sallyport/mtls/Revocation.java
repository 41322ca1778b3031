package io.sallyport.mtls;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How far certificates of an authority must be proved not to be revoked. */
public enum Revocation {
    /**
     * A certificate that names a list or a responder (OCSP), or whose authority has an uploaded list, needs a current
     * answer; other certificates are not checked. The default.
     */
    NAMED,
    /** Every certificate needs a current answer, whether it names a source or not. */
    REQUIRED,
    /** What is known to be revoked is refused; a source that cannot be read is passed over. */
    SOFT,
    /** Nobody is asked. */
    OFF;

    /** As the API writes it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Reads what the API writes. */
    public static Optional<Revocation> parse(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }
}
