package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.HostName;
import io.sallyport.http.ReturnUrl;
import io.sallyport.identity.Audience;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.session.BrowserMarks;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.LauncherDesign;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenVerifier;
import io.sallyport.token.TokenVerifier.Verification;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a login leads: an application, one of its hosts, and a path there. It is always checked against the snapshot,
 * so that a request cannot name a foreign address.
 *
 * @param audience the application
 * @param host one of its hosts
 * @param returnTo path and query on that host
 * @param appSession hash of the CF_AppSession cookie the application host gave this browser ({@link BrowserMarks});
 *     null when the visitor came without it, as stock validators send them
 * @param commonName of the client certificate that host saw, from the {@code meta} parameter; null when it saw none
 */
record Destination(
        String audience,
        String host,
        String returnTo,
        @Nullable String appSession,
        @Nullable String commonName) {
    /**
     * Characters. A longer return path is replaced by the application's root, because the state has to fit into a
     * redirect.
     */
    private static final int LONGEST_RETURN = 2048;

    /** The application and destination that a login URL names. */
    record Resolved(Application application, Destination destination) {}

    /** What a login URL asks for, validated. */
    private record Asked(Application application, HostName host, String path) {
        static Optional<Asked> in(Visit visit) {
            Optional<HostName> host = HostName.parse(withoutPort(visit.lastSegment()));
            Optional<Application> application =
                    visit.query("kid").flatMap(kid -> Destination.application(visit.snapshot(), kid));
            if (host.isEmpty() || application.isEmpty()) {
                return Optional.empty();
            }
            ReturnUrl returnTo = visit.query("redirect_url")
                    .filter(url -> url.length() <= LONGEST_RETURN)
                    .map(ReturnUrl::of)
                    .orElse(ReturnUrl.ROOT);
            return place(visit.snapshot(), application.get(), host.get(), returnTo)
                    .map(path -> new Asked(application.get(), host.get(), path));
        }
    }

    /**
     * Reads {@code /cdn-cgi/access/login/{app-host}?kid&redirect_url&app_session&meta}; empty when it names no application of ours.
     */
    static Optional<Resolved> read(Visit visit, BrowserMarks marks) {
        return Asked.in(visit).map(asked -> {
            Application application = asked.application();
            TokenClaims.Meta meta = meta(visit, application, asked.host());
            CertificateIdentity holder = meta == null ? null : meta.certificate();
            return new Resolved(
                    application,
                    new Destination(
                            application.audience().value(),
                            asked.host().value(),
                            asked.path(),
                            visit.query(BrowserMarks.PARAMETER)
                                    .flatMap(mark -> marks.read(application.audience(), asked.host(), mark))
                                    .orElse(null),
                            holder == null ? null : holder.commonName()));
        });
    }

    /** The application such a URL names. */
    static Optional<Application> application(Visit visit) {
        return Asked.in(visit).map(Asked::application);
    }

    /**
     * The application and place that a URL from outside names, such as the RelayState of a login begun at its provider. Only host
     * and path count, and only when an application of ours covers them (OI-10).
     */
    static Optional<Resolved> named(Snapshot snapshot, String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        Optional<HostName> host = Optional.ofNullable(uri.getHost()).flatMap(HostName::parse);
        if (host.isEmpty()
                || url.length() > LONGEST_RETURN
                || !("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
            return Optional.empty();
        }
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        ReturnUrl returnTo = ReturnUrl.of(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
        return snapshot.applications()
                .find(host.get(), returnTo.pathAndQuery().replaceAll("\\?.*", ""))
                .map(application -> new Resolved(
                        application,
                        new Destination(
                                application.audience().value(),
                                host.get().value(),
                                returnTo.pathAndQuery(),
                                null,
                                null)));
    }

    /** The launcher, for logins without another destination; empty while there is none. */
    static Optional<Resolved> launcher(Snapshot snapshot) {
        return snapshot.launcher()
                .map(application -> new Resolved(
                        application,
                        new Destination(
                                application.audience().value(),
                                snapshot.settings().authDomain().value(),
                                "/",
                                null,
                                null)));
    }

    /** The application, if it still exists. */
    Optional<Application> application(Snapshot snapshot) {
        return application(snapshot, audience);
    }

    /** Scheme, host and port of the application as the browser writes them. */
    String origin(Snapshot snapshot) {
        return origin(snapshot, host);
    }

    /** The same for any of our hosts. */
    static String origin(Snapshot snapshot, String host) {
        URI issuer = URI.create(snapshot.settings().issuer());
        return issuer.getScheme() + "://" + host + (issuer.getPort() < 0 ? "" : ":" + issuer.getPort());
    }

    /** The URL the person wanted to open. */
    String url(Snapshot snapshot) {
        return origin(snapshot) + returnTo;
    }

    /** The login page for this destination, on the team domain. */
    String loginPath(@Nullable String meta) {
        return AccessHeaders.RESERVED_PATH + "login/" + host + "?kid=" + audience + "&redirect_url="
                + URLEncoder.encode(returnTo, StandardCharsets.UTF_8)
                + (meta == null ? "" : "&meta=" + URLEncoder.encode(meta, StandardCharsets.UTF_8));
    }

    private static Optional<Application> application(Snapshot snapshot, String audience) {
        try {
            return Optional.ofNullable(snapshot.applicationsByAudience().get(new Audience(audience)));
        } catch (IllegalArgumentException notAnAudience) {
            return Optional.empty();
        }
    }

    /**
     * The requested path if the application covers it on that host, else a path that it covers; empty when the host is
     * not the application's.
     */
    private static Optional<String> place(Snapshot snapshot, Application application, HostName host, ReturnUrl wanted) {
        String path = wanted.pathAndQuery();
        if (application.type().equals(LauncherDesign.TYPE)) {
            return host.equals(snapshot.settings().authDomain()) ? Optional.of(path) : Optional.empty();
        }
        if (covers(application, host, path.replaceAll("\\?.*", ""))) {
            return Optional.of(path);
        }
        Optional<String> nearest = nearest(application, host);
        return nearest.isPresent() && path.startsWith(CliLogin.PATH + "?") ? Optional.of(path) : nearest;
    }

    private static Optional<String> nearest(Application application, HostName host) {
        return Stream.of("/", application.cookies().path())
                .filter(place -> covers(application, host, place))
                .findFirst();
    }

    /** Whether the application answers on that host at all. */
    static boolean isOn(Application application, HostName host) {
        return nearest(application, host).isPresent();
    }

    private static boolean covers(Application application, HostName host, String path) {
        return application.patterns().stream().anyMatch(pattern -> pattern.matches(host, path));
    }

    /**
     * A genuine {@code meta}, even an expired one: it only describes the browser as the host saw it, and a person may
     * stay on the login page for longer than the five minutes that a meta is valid.
     */
    private static TokenClaims.@Nullable Meta meta(Visit visit, Application application, HostName host) {
        Optional<String> meta = visit.query("meta");
        if (meta.isEmpty()) {
            return null;
        }
        Verification verification = TokenVerifier.verify(
                visit.snapshot().keys(), visit.snapshot().settings().issuer(), meta.get(), visit.now());
        TokenClaims claims = switch (verification) {
            case Verification.Verified verified -> verified.claims();
            case Verification.Expired expired -> expired.claims();
            case Verification.Rejected _ -> null;
        };
        return claims instanceof TokenClaims.Meta ours
                        && ours.audience().equals(application.audience())
                        && ours.hostname().equals(host.value())
                ? ours
                : null;
    }

    private static String withoutPort(String authority) {
        return authority.replaceFirst("(:|%3[Aa])[0-9]{1,5}$", "");
    }
}
