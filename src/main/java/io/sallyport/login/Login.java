package io.sallyport.login;

import io.sallyport.identity.Identity;
import io.sallyport.policy.Decision;
import io.sallyport.session.BrowserMarks;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.CustomPage;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.web.LoginView;
import io.sallyport.web.Page;
import io.sallyport.web.Pages;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /cdn-cgi/access/login/{app-host}} on the team domain (step 2 of "Signing in" in ARCHITECTURE.md): silent sign-in
 * with a global session, instant auth, or the page on which the visitor chooses a provider.
 */
final class Login {
    /** Query parameter: ask again even though there is a global session, to use another account. */
    static final String FRESH = "fresh";

    /** Query parameter: the chosen provider. */
    static final String PROVIDER = "idp";

    /** Query parameter: show our own page although the application has a custom one. */
    private static final String OURS = "ours";

    private final Sessions sessions;
    private final Providers providers;
    private final PinLogin pins;
    private final Completion completion;
    private final BrowserMarks marks;
    private final Seals seals;
    private final Replies replies;
    private final FailedSignIn failed;

    Login(
            Sessions sessions,
            Providers providers,
            PinLogin pins,
            Completion completion,
            BrowserMarks marks,
            Seals seals,
            Replies replies,
            FailedSignIn failed) {
        this.sessions = sessions;
        this.providers = providers;
        this.pins = pins;
        this.completion = completion;
        this.marks = marks;
        this.seals = seals;
        this.replies = replies;
        this.failed = failed;
    }

    /** Answers a visit to the login URL. */
    Reply open(Visit visit) {
        Optional<Destination.Resolved> resolved = Destination.read(visit, marks);
        return resolved.isEmpty()
                ? noSuchApplication(visit)
                : open(visit, resolved.get().application(), resolved.get().destination());
    }

    private Reply open(Visit visit, Application application, Destination destination) {
        boolean fresh = visit.query(FRESH).isPresent();
        Optional<Identity> signedIn = fresh ? Optional.empty() : signedIn(visit, application);
        if (signedIn.isPresent()) {
            return completion.singleSignOn(visit, application, destination, signedIn.get());
        }
        if (application.policy().decide(visit.anonymous(destination)) instanceof Decision.Denied) {
            return forbidden(visit, application);
        }
        LoginMethods methods = LoginMethods.of(visit.snapshot(), application, pins.mailWorks());
        if (methods.none()) {
            return noMethod(visit, application);
        }
        LoginSession session = LoginSession.of(visit, seals);
        Optional<IdentityProvider> chosen = visit.query(PROVIDER)
                .flatMap(methods::provider)
                .or(() -> fresh || !instant(visit, application) ? Optional.empty() : methods.single());
        Reply reply = chosen.isPresent()
                ? begin(visit, application, chosen.get(), destination, session)
                : replies.page(visit, page(visit, application, destination, methods, session));
        return reply.with(session.cookie(visit));
    }

    /** Redirects to the provider; if that fails, shows the failure with a link back to the choice of providers. */
    private Reply begin(
            Visit visit,
            Application application,
            IdentityProvider provider,
            Destination destination,
            LoginSession session) {
        try {
            return providers.start(
                    visit, provider, destination, session, visit.query(FRESH).isPresent());
        } catch (ProviderFailure failure) {
            return failed.reply(visit, application, destination, provider, failure);
        }
    }

    /** The identity of the global session, if it came from a provider that exists and that the application accepts. */
    private Optional<Identity> signedIn(Visit visit, Application application) {
        return sessions.global(visit)
                .filter(identity ->
                        LoginMethods.allowed(application, identity.idp().id()))
                .filter(identity -> visit.snapshot()
                        .identityProviders()
                        .containsKey(identity.idp().id()));
    }

    /**
     * The page on which the visitor chooses a provider: the admin's custom page if there is one and ours was not asked
     * for.
     */
    private Page page(
            Visit visit, Application application, Destination destination, LoginMethods methods, LoginSession session) {
        CustomPage custom = application.loginPage();
        return custom != null && visit.query(OURS).isEmpty() && replies.wantsPage(visit)
                ? Pages.custom(200, custom.html(values(visit, application, destination, methods)))
                : ourPage(visit, application, destination, methods, session);
    }

    /**
     * The values for a custom page's template; their names are {@link CustomPage#LOGIN_NAMES}. Custom pages have links
     * and no forms: codes are entered on our own page.
     */
    private static Map<String, String> values(
            Visit visit, Application application, Destination destination, LoginMethods methods) {
        Map<String, String> values = new HashMap<>(Map.of(
                "app_name",
                application.name(),
                "organization_name",
                visit.snapshot().settings().organizationName(),
                "host",
                destination.host(),
                "ray_id",
                visit.context().ray(),
                "login_url",
                again(visit) + OURS + "=1"));
        List<IdentityProvider> providers = methods.providers();
        for (int i = 0; i < Math.min(providers.size(), CustomPage.MOST_METHODS); i++) {
            values.put("login_" + (i + 1) + "_name", providers.get(i).name());
            values.put("login_" + (i + 1) + "_url", start(visit, providers.get(i)));
        }
        return values;
    }

    private Page ourPage(
            Visit visit, Application application, Destination destination, LoginMethods methods, LoginSession session) {
        return replies.pages()
                .login(
                        Replies.branding(visit.snapshot().settings()),
                        new LoginView(
                                application.name(),
                                application.logoUrl(),
                                methods.providers().stream()
                                        .map(provider -> new LoginView.Method(provider.name(), start(visit, provider)))
                                        .toList(),
                                methods.pin().isEmpty() ? null : pins.form(visit, destination, session, ""),
                                null,
                                null));
    }

    private static boolean instant(Visit visit, Application application) {
        return application.autoRedirectToIdentity()
                || visit.snapshot().settings().autoRedirectToIdentity();
    }

    /** The same URL with the provider chosen. */
    private static String start(Visit visit, IdentityProvider provider) {
        return again(visit) + PROVIDER + "=" + provider.id();
    }

    /** The same URL, ready to append one more parameter. */
    private static String again(Visit visit) {
        StringBuilder url = new StringBuilder(visit.context().target().path()).append('?');
        for (String name : List.of("kid", "redirect_url", BrowserMarks.PARAMETER, "meta", FRESH)) {
            visit.query(name)
                    .ifPresent(value -> url.append(name)
                            .append('=')
                            .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                            .append('&'));
        }
        return url.toString();
    }

    private Reply noSuchApplication(Visit visit) {
        return replies.problem(
                visit,
                404,
                "no_such_application",
                "No such application",
                "This sign-in link does not belong to an application here. Open the application itself to sign in.",
                List.of());
    }

    private Reply noMethod(Visit visit, Application application) {
        return replies.problem(
                visit,
                503,
                "no_login_method",
                "Nobody can sign in yet",
                "No way to sign in is set up for " + application.name() + ". Tell your administrator.",
                List.of());
    }

    /** Refuses a visitor whom no login could admit, because network facts alone decide. */
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
