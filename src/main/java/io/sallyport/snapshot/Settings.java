package io.sallyport.snapshot;

import io.sallyport.http.HostName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The organisation, as far as requests and logins look at it.
 *
 * @param accountId 32 hex digits
 * @param issuer scheme, auth domain and, when not the scheme's default, port; no trailing slash
 * @param sessionDuration life of the global session, null when applications decide
 * @param strictServiceTokens whether service credentials that do not verify refuse the request, also beside a valid session; on by default
 */
public record Settings(
        String accountId,
        String organizationName,
        HostName authDomain,
        String issuer,
        @Nullable Duration sessionDuration,
        boolean autoRedirectToIdentity,
        boolean denyUnmatchedRequests,
        boolean strictServiceTokens,
        LoginDesign loginDesign) {
    /** Branding of the login page; every part may be absent. Colours are {@code #rrggbb}. */
    public record LoginDesign(
            @Nullable String backgroundColor,
            @Nullable String textColor,
            @Nullable String logoUrl,
            @Nullable String headerText,
            @Nullable String footerText) {}
}
