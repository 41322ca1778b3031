package io.sallyport.snapshot;

import io.sallyport.http.HostName;
import io.sallyport.http.UrlPattern;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.IdpId;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.snapshot.Application.CookieSettings;
import io.sallyport.snapshot.Application.CorsSettings;
import io.sallyport.snapshot.Application.DenySettings;
import io.sallyport.snapshot.Application.SameSite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an application's stored object; absent members get their defaults. */
final class ApplicationCompiler {
    private static final Duration USUAL_SESSION = Duration.ofHours(24);
    private static final int FEW_HOSTS = 5;

    private ApplicationCompiler() {}

    /**
     * Puts an application together.
     *
     * @throws Json.Unreadable naming the member at fault
     */
    static Application compile(Rows.App row, List<String> destinations, CompiledPolicy policy, CustomPages pages) {
        Json body = Json.parse(row.body());
        Duration session = body.duration("session_duration");
        List<UrlPattern> patterns = patterns(body, destinations);
        return new Application(
                new AppId(row.id()),
                new Audience(row.aud()),
                row.type(),
                name(row),
                domain(row, destinations),
                patterns,
                publicOverrides(body),
                policy,
                session == null ? USUAL_SESSION : session,
                allowedIdps(body),
                body.flag("auto_redirect_to_identity", false),
                cookies(body, domain(row, destinations), patterns),
                cors(body.member("cors_headers")),
                body.flag("options_preflight_bypass", false),
                body.flag("service_auth_401_redirect", false),
                body.flag("skip_interstitial", false),
                body.text("read_service_tokens_from_header"),
                pages.deny(row, body),
                body.text("logo_url"),
                body.flag("app_launcher_visible", true),
                body.texts("tags"),
                row.type().equals(LauncherDesign.TYPE) ? LauncherDesign.read(body) : null,
                AppPasses.Settings.read(body),
                body.flag("sallyport_strict_staleness", false),
                pages.login(row, body));
    }

    /** The application in a form that admits nobody, for an object that cannot be compiled. */
    static Application closed(Rows.App row, List<String> destinations, CompiledPolicy nobody) {
        List<UrlPattern> readable = new ArrayList<>();
        for (String destination : destinations) {
            try {
                readable.add(UrlPattern.parse(destination));
            } catch (IllegalArgumentException unreadable) {
                // A destination that cannot be parsed matches no request, so nothing has to be kept closed.
            }
        }
        return new Application(
                new AppId(row.id()),
                new Audience(row.aud()),
                row.type(),
                name(row),
                domain(row, destinations),
                readable,
                List.of(),
                nobody,
                USUAL_SESSION,
                Set.of(),
                false,
                new CookieSettings(true, SameSite.NONE, false, false, "/"),
                null,
                false,
                false,
                false,
                null,
                new DenySettings(null, null, null),
                null,
                false,
                List.of(),
                null,
                null,
                true,
                null);
    }

    private static String name(Rows.App row) {
        String name = row.name();
        if (name != null && !name.isBlank()) {
            return name;
        }
        return row.domain() == null ? row.type() : row.domain();
    }

    private static String domain(Rows.App row, List<String> destinations) {
        if (row.domain() != null) {
            return row.domain();
        }
        return destinations.isEmpty() ? "" : destinations.getFirst();
    }

    private static List<UrlPattern> patterns(Json body, List<String> destinations) {
        List<UrlPattern> patterns = new ArrayList<>();
        for (String destination : destinations) {
            try {
                patterns.add(UrlPattern.parse(destination));
            } catch (IllegalArgumentException bad) {
                throw body.member("destinations").unreadable(destination + ": " + bad.getMessage());
            }
        }
        return patterns;
    }

    /** {@code destinations[].overrides}: paths on the destination's host without any check. */
    private static List<UrlPattern> publicOverrides(Json body) {
        List<UrlPattern> patterns = new ArrayList<>();
        for (Json destination : body.member("destinations").elements()) {
            String uri = destination.text("uri");
            for (Json override : destination.member("overrides").elements()) {
                if (!"public".equals(override.text("behavior"))) {
                    throw override.member("behavior").unreadable("must be public");
                }
                if (uri == null) {
                    throw override.unreadable("its destination has no uri");
                }
                String path = override.requiredText("path_pattern");
                String host = uri.replaceAll("/.*", "").toLowerCase(Locale.ROOT);
                try {
                    patterns.add(UrlPattern.parse(host + (path.startsWith("/") ? path : "/" + path)));
                } catch (IllegalArgumentException bad) {
                    throw override.member("path_pattern").unreadable(String.valueOf(bad.getMessage()));
                }
            }
        }
        return patterns;
    }

    private static Set<IdpId> allowedIdps(Json body) {
        Set<IdpId> allowed = new HashSet<>();
        for (Json each : body.member("allowed_idps").elements()) {
            try {
                allowed.add(IdpId.of(each.node().asString()));
            } catch (IllegalArgumentException bad) {
                throw each.unreadable("must be the id of an identity provider");
            }
        }
        return allowed;
    }

    private static CookieSettings cookies(Json body, String domain, List<UrlPattern> patterns) {
        boolean pathScoped = body.flag("path_cookie_attribute", false);
        String sameSite = body.text("same_site_cookie_attribute");
        return new CookieSettings(
                body.flag("http_only_cookie_attribute", true),
                switch (sameSite == null ? "none" : sameSite) {
                    case "none" -> SameSite.NONE;
                    case "lax" -> SameSite.LAX;
                    case "strict" -> SameSite.STRICT;
                    default ->
                        throw body.member("same_site_cookie_attribute").unreadable("must be none, lax or strict");
                },
                body.flag("enable_binding_cookie", false),
                pathScoped,
                pathScoped ? cookiePath(domain) : "/",
                planted(body, patterns));
    }

    /**
     * The hosts that get the cookie at one login. Hosts with a wildcard cannot be among them. Unless an admin says
     * otherwise, only applications with few hosts do this.
     */
    private static List<HostName> planted(Json body, List<UrlPattern> patterns) {
        List<HostName> hosts = patterns.stream()
                .flatMap(pattern -> pattern.literalHost().stream())
                .distinct()
                .toList();
        boolean eager = body.flag("eager_redirect_cookie_setting", hosts.size() <= FEW_HOSTS);
        return eager && hosts.size() > 1 ? hosts : List.of();
    }

    /** The literal beginning of the application's path: {@code /eng} of {@code /eng/*}. */
    private static String cookiePath(String domain) {
        int slash = domain.indexOf('/');
        String path = slash < 0 ? "/" : domain.substring(slash);
        int star = path.indexOf('*');
        String literal = star < 0 ? path : path.substring(0, path.lastIndexOf('/', star));
        return literal.isEmpty() ? "/" : literal;
    }

    private static @Nullable CorsSettings cors(Json cors) {
        return cors.absent()
                ? null
                : new CorsSettings(
                        cors.flag("allow_all_origins", false),
                        cors.texts("allowed_origins"),
                        cors.flag("allow_all_methods", false),
                        cors.texts("allowed_methods"),
                        cors.flag("allow_all_headers", false),
                        cors.texts("allowed_headers"),
                        cors.flag("allow_credentials", false),
                        cors.number("max_age"));
    }
}
