package io.sallyport.session;

import io.sallyport.identity.IdpId;
import org.jspecify.annotations.Nullable;

/**
 * What a provider calls a person and, if it says so, the session there: by these it may end ours (OI-14).
 *
 * @param subject the claim {@code sub}
 * @param session the claim {@code sid}
 */
public record ProviderSession(String subject, @Nullable String session) {
    /** Under which it is noted that the session there has ended, so that no login of it which is still on its way begins one here. */
    public static String endedUnder(IdpId provider, String session) {
        return "ended-there/" + SessionCookie.fingerprint(provider + " " + session);
    }
}
