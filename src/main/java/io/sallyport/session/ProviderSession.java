package io.sallyport.session;

import io.sallyport.identity.IdpId;
import org.jspecify.annotations.Nullable;

/**
 * A provider's identifiers of a person and, if it names one, of the session there, by which the provider can end our
 * session (OI-14).
 *
 * @param subject the claim {@code sub}
 * @param session the claim {@code sid}
 */
public record ProviderSession(String subject, @Nullable String session) {
    /**
     * The id under which the end of the session at the provider is recorded, so that a login under way cannot begin a
     * session here after that.
     */
    public static String endedUnder(IdpId provider, String session) {
        return "ended-there/" + SessionCookie.fingerprint(provider + " " + session);
    }
}
