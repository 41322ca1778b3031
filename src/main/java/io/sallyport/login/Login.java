package io.sallyport.login;

import io.sallyport.identity.Identity;
import io.sallyport.policy.Decision;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.web.LoginView;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code /cdn-cgi/access/login/{app-host}} on the team domain (spec/access-semantics.md §7.3, step 2): the silent hop for who has
 * a global session, instant auth, or the page to choose from.
 */
final class Login {
    /** Query parameter: ask again even though there is a global session, to use another account. */
    static final String FRESH = "fresh";

    private static final String PROVIDER = "idp";

    private final Sessions sessions;
    private final Providers providers;
    private final PinLogin pins;
    private final Completion completion;
    private final Seals seals;
    private final Replies replies;

    Login(Sessions sessions, Providers providers, PinLogin pins, Completion completion, Seals seals, Replies replies) {
        this.sessions = sessions;
        this.providers = providers;
        this.pins = pins;
        this.completion = completion;
        this.seals = seals;
        this.replies = replies;
    }

    /** Answers a visit to the login URL. */
    Reply open(Visit visit) throws ProviderFailure {
        Optional<Destination.Resolved> resolved = Destination.read(visit);
        if (resolved.isEmpty()) {
            return replies.problem(
                    visit,
                    404,
                    "no_such_application",
                    "No such application",
                    "This sign-in link does not belong to an application here. Open the application itself to sign in.",
                    List.of());
        }
        Application application = resolved.get().application();
        Destination destination = resolved.get().destination();
        boolean fresh = visit.query(FRESH).isPresent();
        if (!fresh) {
            Optional<Identity> signedIn = sessions.global(visit)
                    .filter(identity ->
                            LoginMethods.allowed(application, identity.idp().id()))
                    .filter(identity -> visit.snapshot()
                            .identityProviders()
                            .containsKey(identity.idp().id()));
            if (signedIn.isPresent()) {
                return completion.singleSignOn(visit, application, destination, signedIn.get());
            }
        }
        if (application.policy().decide(visit.anonymous(destination)) instanceof Decision.Denied) {
            return forbidden(visit, application);
        }
        LoginMethods methods = LoginMethods.of(visit.snapshot(), application, pins.mailWorks());
        if (methods.none()) {
            return replies.problem(
                    visit,
                    503,
                    "no_login_method",
                    "Nobody can sign in yet",
                    "No way to sign in is set up for " + application.name() + ". Tell your administrator.",
                    List.of());
        }
        LoginSession session = LoginSession.of(visit, seals);
        Optional<IdentityProvider> chosen = visit.query(PROVIDER)
                .flatMap(methods::provider)
                .or(() -> fresh || !instant(visit, application) ? Optional.empty() : methods.single());
        if (chosen.isPresent()) {
            return providers
                    .start(visit, chosen.get(), destination, session, fresh)
                    .with(session.cookie(visit));
        }
        return replies.page(visit, page(visit, application, destination, methods, session, "", null))
                .with(session.cookie(visit));
    }

    /** The page to choose from, for instance again after an input that was wrong. */
    private io.sallyport.web.Page page(
            Visit visit,
            Application application,
            Destination destination,
            LoginMethods methods,
            LoginSession session,
            String email,
            @Nullable String error) {
        return replies.pages()
                .login(
                        Replies.branding(visit.snapshot().settings()),
                        new LoginView(
                                application.name(),
                                application.logoUrl(),
                                methods.providers().stream()
                                        .map(provider -> new LoginView.Method(provider.name(), start(visit, provider)))
                                        .toList(),
                                methods.pin().isEmpty() ? null : pins.form(visit, destination, session, email),
                                null,
                                error));
    }

    private static boolean instant(Visit visit, Application application) {
        return application.autoRedirectToIdentity()
                || visit.snapshot().settings().autoRedirectToIdentity();
    }

    /** The same URL with the provider chosen. */
    private static String start(Visit visit, IdentityProvider provider) {
        StringBuilder url = new StringBuilder(visit.context().target().path()).append('?');
        for (String name : List.of("kid", "redirect_url", "meta", FRESH)) {
            visit.query(name)
                    .ifPresent(value -> url.append(name)
                            .append('=')
                            .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                            .append('&'));
        }
        return url.append(PROVIDER).append('=').append(provider.id()).toString();
    }

    /** No login could help: the network facts alone decide (§4.4). */
    private Reply forbidden(Visit visit, Application application) {
        String url = application.deny().nonIdentityUrl();
        if (url != null) {
            return replies.redirect(visit, url);
        }
        String message = application.deny().message();
        return replies.problem(
                visit,
                403,
                "forbidden",
                application.name() + " is not open to you here",
                message != null ? message : "Your network or location is not allowed, whoever you are.",
                List.of());
    }
}
