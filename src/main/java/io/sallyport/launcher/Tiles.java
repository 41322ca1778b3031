package io.sallyport.launcher;

import io.sallyport.http.HostName;
import io.sallyport.identity.Identity;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Reason;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.LauncherDesign;
import io.sallyport.snapshot.Settings;
import io.sallyport.web.LauncherView;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The applications a person may open, as the gate would decide at this moment from this address and by the client certificate of this
 * very request, judged for each application's own host. External evaluators are not asked for a list of tiles; what depends on one
 * stays hidden.
 */
final class Tiles {
    private static final String BOOKMARK = "bookmark";
    private static final String SELF_HOSTED = "self_hosted";

    private Tiles() {}

    /** All of them, by name. */
    static List<LauncherView.Tile> of(Guest guest, Identity person) {
        return guest.snapshot().applicationsById().values().stream()
                .filter(Application::appLauncherVisible)
                .filter(Tiles::hasOneAddress)
                .filter(application -> mayOpen(guest, application, person))
                .sorted(Comparator.comparing(Application::name, String.CASE_INSENSITIVE_ORDER))
                .map(application -> tile(guest.snapshot().settings(), application))
                .toList();
    }

    private static boolean hasOneAddress(Application application) {
        return (application.type().equals(SELF_HOSTED) || application.type().equals(BOOKMARK))
                && !application.domain().isEmpty()
                && !application.domain().contains("*");
    }

    /** The decision of the gateway. */
    static Decision decide(Guest guest, Application application, Identity person) {
        CompiledPolicy policy = application.policy();
        Subject.Person subject =
                new Subject.Person(person.email(), policy.facts().capture(person, Map.of()));
        return policy.decide(guest.asking(host(guest, application), subject));
    }

    /** Whose authorities count for the application: its first host's, or the team domain's for the portal itself. */
    private static @Nullable HostName host(Guest guest, Application application) {
        return application.type().equals(LauncherDesign.TYPE)
                ? guest.context().target().host()
                : application.patterns().stream()
                        .flatMap(pattern -> pattern.literalHost().stream())
                        .findFirst()
                        .orElse(null);
    }

    /** A bookmark guards nothing: without policies of its own everybody may see it. */
    private static boolean mayOpen(Guest guest, Application application, Identity person) {
        if (!allows(application, person)) {
            return false;
        }
        Decision decision = decide(guest, application, person);
        return decision instanceof Decision.Permit
                || (application.type().equals(BOOKMARK) && decision.reason().code() == Reason.Code.NO_POLICIES);
    }

    /** Whether the application takes logins through this provider. */
    static boolean allows(Application application, Identity person) {
        return application.allowedIdps().isEmpty()
                || application.allowedIdps().contains(person.idp().id());
    }

    private static LauncherView.Tile tile(Settings settings, Application application) {
        String domain = application.domain();
        boolean whole = domain.startsWith("https://") || domain.startsWith("http://");
        String shown = whole ? domain.substring(domain.indexOf("//") + 2) : domain;
        if (shown.endsWith("/")) {
            shown = shown.substring(0, shown.length() - 1);
        }
        String href =
                whole ? domain : application.type().equals(BOOKMARK) ? "https://" + domain : address(settings, domain);
        return new LauncherView.Tile(application.name(), shown, href, application.logoUrl(), application.tags());
    }

    /** Applications answer where the team domain does: same scheme, same port. */
    static String address(Settings settings, String domain) {
        URI issuer = URI.create(settings.issuer());
        int slash = domain.indexOf('/');
        String host = slash < 0 ? domain : domain.substring(0, slash);
        String path = slash < 0 ? "/" : domain.substring(slash);
        return issuer.getScheme() + "://" + host + (issuer.getPort() < 0 ? "" : ":" + issuer.getPort()) + path;
    }
}
