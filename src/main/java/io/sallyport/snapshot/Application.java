package io.sallyport.snapshot;

import io.sallyport.http.HostName;
import io.sallyport.http.RequestTarget;
import io.sallyport.http.UrlPattern;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.IdpId;
import io.sallyport.policy.CompiledPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One protected application, compiled.
 *
 * @param domain the primary host and optional path, as written
 * @param patterns its public destinations, in the admin's order
 * @param publicOverrides paths with no check at all ({@code destinations[].overrides})
 * @param sessionDuration life of application tokens; zero means "expires immediately"
 * @param allowedIdps empty means every provider
 * @param tags labels that the launcher filters by
 * @param launcher the look of the portal; null unless this is the {@code app_launcher} application
 * @param passes how it takes app passes; null when it takes none
 * @param strictlyFresh whether it is closed when the database has not answered for a minute, whatever {@code
 *     max-staleness} is (FC-02)
 * @param loginPage the custom page that is shown before our own; null when there is none
 * @param serviceTokenHeader name of the single service-token header ({@code read_service_tokens_from_header})
 */
public record Application(
        AppId id,
        Audience audience,
        String type,
        String name,
        String domain,
        List<UrlPattern> patterns,
        List<UrlPattern> publicOverrides,
        CompiledPolicy policy,
        Duration sessionDuration,
        Set<IdpId> allowedIdps,
        boolean autoRedirectToIdentity,
        CookieSettings cookies,
        @Nullable CorsSettings cors,
        boolean optionsPreflightBypass,
        boolean serviceAuth401Redirect,
        boolean skipInterstitial,
        @Nullable String serviceTokenHeader,
        DenySettings deny,
        @Nullable String logoUrl,
        boolean appLauncherVisible,
        List<String> tags,
        @Nullable LauncherDesign launcher,
        AppPasses.@Nullable Settings passes,
        boolean strictlyFresh,
        @Nullable CustomPage loginPage) {
    /** Copies the collections. */
    public Application {
        patterns = List.copyOf(patterns);
        publicOverrides = List.copyOf(publicOverrides);
        allowedIdps = Set.copyOf(allowedIdps);
        tags = List.copyOf(tags);
    }

    /**
     * Whether a request needs no check: an override covers only the path it names, deeper paths need a wildcard,
     * and a path that an origin could read as a different one is not covered.
     */
    public boolean isPublic(RequestTarget target) {
        for (UrlPattern pattern : publicOverrides) {
            if (pattern.matchesLiterallyHoweverRead(target.host(), target.path())) {
                return true;
            }
        }
        return false;
    }

    /**
     * The application cookie.
     *
     * @param path {@code /} unless {@code path_cookie_attribute} is set
     * @param planted hosts that get the cookie at one login ({@code eager_redirect_cookie_setting}); empty when each
     *     host has a login of its own
     */
    public record CookieSettings(
            boolean httpOnly,
            SameSite sameSite,
            boolean binding,
            boolean pathScoped,
            String path,
            List<HostName> planted) {
        /** Copies the hosts. */
        public CookieSettings {
            planted = List.copyOf(planted);
        }

        /** On one host only. */
        public CookieSettings(boolean httpOnly, SameSite sameSite, boolean binding, boolean pathScoped, String path) {
            this(httpOnly, sameSite, binding, pathScoped, path, List.of());
        }
    }

    /** SameSite of the application cookie. */
    public enum SameSite {
        NONE,
        LAX,
        STRICT
    }

    /** Preflights answered by the gate. Empty allowed lists with the all-flag set mean everything. */
    public record CorsSettings(
            boolean allowAllOrigins,
            List<String> allowedOrigins,
            boolean allowAllMethods,
            List<String> allowedMethods,
            boolean allowAllHeaders,
            List<String> allowedHeaders,
            boolean allowCredentials,
            @Nullable Integer maxAgeSeconds) {}

    /** What a refused visitor sees. Null means our own page; a redirect URL takes precedence over a custom page. */
    public record DenySettings(
            @Nullable String message,
            @Nullable String identityUrl,
            @Nullable String nonIdentityUrl,
            @Nullable CustomPage identityPage,
            @Nullable CustomPage nonIdentityPage) {
        /** Settings without custom pages. */
        public DenySettings(@Nullable String message, @Nullable String identityUrl, @Nullable String nonIdentityUrl) {
            this(message, identityUrl, nonIdentityUrl, null, null);
        }
    }
}
