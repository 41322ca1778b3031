package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.identity.Identity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.web.HomeView;
import io.sallyport.web.Notice;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /} on the team domain: who is signed in, and which applications they may open, by the same policies as the gate. */
final class Home {
    private final Sessions sessions;
    private final Replies replies;

    Home(Sessions sessions, Replies replies) {
        this.sessions = sessions;
        this.replies = replies;
    }

    /** Answers a visit to the root of the team domain. */
    Reply show(Visit visit) {
        Optional<Identity> signedIn = sessions.global(visit);
        if (signedIn.isEmpty()) {
            return replies.page(
                    visit,
                    replies.pages()
                            .notice(
                                    Replies.branding(visit.snapshot().settings()),
                                    new Notice(
                                            "You are not signed in",
                                            "Open one of your organisation's applications; it will bring you here to"
                                                    + " sign in.",
                                            null,
                                            List.of())));
        }
        Identity identity = signedIn.get();
        List<HomeView.Tile> tiles = visit.snapshot().applicationsById().values().stream()
                .filter(Application::appLauncherVisible)
                .filter(application -> application.type().equals("self_hosted"))
                .filter(application -> !application.domain().contains("*"))
                .filter(application -> mayOpen(visit, application, identity))
                .sorted(Comparator.comparing(Application::name, String.CASE_INSENSITIVE_ORDER))
                .map(application -> tile(visit.snapshot(), application))
                .toList();
        return replies.page(
                visit,
                replies.pages()
                        .home(
                                Replies.branding(visit.snapshot().settings()),
                                new HomeView(identity.email().value(), tiles, AccessHeaders.RESERVED_PATH + "logout")));
    }

    /** Evaluators are not asked for a list of tiles; what depends on one stays hidden. */
    private static boolean mayOpen(Visit visit, Application application, Identity identity) {
        if (!LoginMethods.allowed(application, identity.idp().id())) {
            return false;
        }
        CompiledPolicy policy = application.policy();
        AccessRequest anonymous = visit.anonymous();
        Subject person = new Subject.Person(identity.email(), policy.facts().capture(identity, Map.of()));
        return policy.decide(new AccessRequest(anonymous.client(), anonymous.country(), null, null, person))
                instanceof Decision.Permit;
    }

    private static HomeView.Tile tile(Snapshot snapshot, Application application) {
        URI issuer = URI.create(snapshot.settings().issuer());
        String domain = application.domain();
        int slash = domain.indexOf('/');
        String host = slash < 0 ? domain : domain.substring(0, slash);
        String path = slash < 0 ? "/" : domain.substring(slash);
        String port = issuer.getPort() < 0 ? "" : ":" + issuer.getPort();
        return new HomeView.Tile(application.name(), domain, issuer.getScheme() + "://" + host + port + path);
    }
}
