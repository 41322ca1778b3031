package io.sallyport.connector;

import java.net.URI;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests must carry a valid assertion of the edge, and for which audiences. Unlike cloudflared we
 * enforce it at the top level of a file too, and the issuer may be any domain ({@code access.issuer}).
 *
 * @param issuer who must have signed it; null when none is configured, and then every request is refused
 * @param audiences audience tags, one of which the assertion must contain
 */
record AccessRequirement(boolean required, @Nullable String issuer, List<String> audiences) {
    static final Set<String> KEYS = Set.of("required", "teamName", "audTag", "environment", "issuer");

    static AccessRequirement read(Keys keys) {
        boolean required = keys.flag("required", false);
        String team = keys.text("teamName", "");
        List<String> audiences = keys.texts("audTag");
        String issuer = keys.text("issuer", "");
        if (issuer.isEmpty() && !team.isEmpty()) {
            String domain =
                    keys.text("environment", "").equals("fed") ? ".fed.cloudflareaccess.com" : ".cloudflareaccess.com";
            issuer = "https://" + team + domain;
        }
        if (required && !audiences.isEmpty() && issuer.isEmpty()) {
            throw new InvalidConfiguration("access.TeamName cannot be blank when access.audTags are present");
        }
        return new AccessRequirement(required, issuer.isEmpty() ? null : checked(keys, issuer), audiences);
    }

    /** Plain http is accepted only for an issuer on this machine, as in trials. */
    private static String checked(Keys keys, String issuer) {
        try {
            URI uri = URI.create(issuer);
            String host = uri.getHost();
            boolean near = host != null
                    && (host.equals("localhost") || host.endsWith(".localhost") || host.equals("127.0.0.1"));
            if (host != null && ("https".equals(uri.getScheme()) || (near && "http".equals(uri.getScheme())))) {
                return issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
            }
        } catch (IllegalArgumentException notAUri) {
            // reported below
        }
        throw new InvalidConfiguration(keys.where() + ": '" + issuer + "' is not an https issuer");
    }
}
