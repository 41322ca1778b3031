package io.sallyport.launcher;

import io.sallyport.http.AccessHeaders;
import io.sallyport.identity.Identity;
import io.sallyport.policy.Decision;
import io.sallyport.session.GlobalSession;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.LauncherDesign;
import io.sallyport.snapshot.Settings;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.web.Action;
import io.sallyport.web.Branding;
import io.sallyport.web.LandingView;
import io.sallyport.web.LauncherView;
import io.sallyport.web.Notice;
import io.sallyport.web.Page;
import io.sallyport.web.Pages;
import io.sallyport.web.Problem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code /} on the team domain. The {@code app_launcher} application, when there is one, decides who may open it and
 * how it looks; without one it is open to everybody who is signed in, and signing in begins at an application.
 */
final class Portal {
    private static final String SIGN_OUT = AccessHeaders.RESERVED_PATH + "logout";
    private static final int LONGEST_QUERY = 100;

    private final GlobalSession sessions;
    private final Pages pages;

    Portal(GlobalSession sessions, Pages pages) {
        this.sessions = sessions;
        this.pages = pages;
    }

    /** Answers a visit. */
    Answer show(Guest guest) {
        Optional<Application> launcher = guest.snapshot().launcher();
        Optional<Identity> person = sessions.person(guest.snapshot(), guest.authorizationCookies(), guest.now());
        if (person.isEmpty()) {
            return launcher.map(application -> frontDoor(guest, application)).orElseGet(() -> notSignedIn(guest));
        }
        if (launcher.isPresent() && !admits(guest, launcher.get(), person.get())) {
            return refused(guest, launcher.get(), person.get());
        }
        LauncherDesign design = launcher.map(Application::launcher).orElse(null);
        return Answer.page(pages.launcher(branding(guest.snapshot(), design), view(guest, person.get(), design)));
    }

    /** The organisation's look, with the portal's own logo and colour over it. */
    static Branding branding(Snapshot snapshot, @Nullable LauncherDesign design) {
        Settings.LoginDesign look = snapshot.settings().loginDesign();
        String background = design == null ? null : design.background();
        String logo = design == null ? null : design.logoUrl();
        return new Branding(
                snapshot.settings().organizationName(),
                background == null ? look.backgroundColor() : background,
                background == null ? look.textColor() : null,
                logo == null ? look.logoUrl() : logo,
                look.headerText(),
                look.footerText(),
                design == null ? null : accents(design));
    }

    private static Branding.Accents accents(LauncherDesign design) {
        LauncherDesign.Landing landing = design.landing();
        return new Branding.Accents(
                design.headerBackground(),
                landing == null ? null : landing.buttonColor(),
                landing == null ? null : landing.buttonTextColor());
    }

    private static LauncherView view(Guest guest, Identity person, @Nullable LauncherDesign design) {
        List<LauncherView.Tile> all = Tiles.of(guest, person);
        String query = guest.query("q")
                .map(String::strip)
                .map(text -> text.substring(0, Math.min(text.length(), LONGEST_QUERY)))
                .orElse("");
        String wanted = guest.query("tag").orElse("");
        List<String> names = all.stream()
                .flatMap(tile -> tile.tags().stream())
                .distinct()
                .sorted(String.CASE_INSENSITIVE_ORDER)
                .toList();
        String chosen = names.contains(wanted) ? wanted : "";
        List<LauncherView.Tile> shown = all.stream()
                .filter(tile -> chosen.isEmpty() || tile.tags().contains(chosen))
                .filter(tile -> fits(tile, query))
                .toList();
        return new LauncherView(
                person.email().value(),
                shown,
                all.size(),
                tags(names, chosen, query),
                query,
                LauncherScript.path(),
                Account.PATH,
                SIGN_OUT,
                design == null
                        ? List.of()
                        : design.footerLinks().stream()
                                .map(link -> new LauncherView.Link(link.name(), link.url()))
                                .toList());
    }

    private static boolean fits(LauncherView.Tile tile, String query) {
        return List.of(query.toLowerCase(Locale.ROOT).split("\\s+", -1)).stream()
                .allMatch(tile.words()::contains);
    }

    private static List<LauncherView.Tag> tags(List<String> names, String chosen, String query) {
        if (names.isEmpty()) {
            return List.of();
        }
        List<LauncherView.Tag> tags = new ArrayList<>();
        tags.add(new LauncherView.Tag("", "All", href("", query), chosen.isEmpty()));
        names.forEach(name -> tags.add(new LauncherView.Tag(name, name, href(name, query), name.equals(chosen))));
        return tags;
    }

    private static String href(String tag, String query) {
        StringBuilder href = new StringBuilder("/");
        if (!tag.isEmpty()) {
            href.append("?tag=").append(URLEncoder.encode(tag, StandardCharsets.UTF_8));
        }
        if (!query.isEmpty()) {
            href.append(tag.isEmpty() ? '?' : '&')
                    .append("q=")
                    .append(URLEncoder.encode(query, StandardCharsets.UTF_8));
        }
        return href.toString();
    }

    private Answer frontDoor(Guest guest, Application launcher) {
        LauncherDesign design = launcher.launcher();
        LauncherDesign.Landing landing = design == null ? null : design.landing();
        String signIn = signIn(guest, launcher);
        if (landing == null) {
            return Answer.redirect(signIn);
        }
        String title = landing.title();
        String message = landing.message();
        return Answer.page(pages.landing(
                branding(guest.snapshot(), design),
                new LandingView(
                        title == null ? "Welcome!" : title,
                        message == null ? "Sign in to see the applications you can open." : message,
                        landing.imageUrl(),
                        signIn)));
    }

    private static String signIn(Guest guest, Application launcher) {
        return AccessHeaders.RESERVED_PATH + "login/"
                + guest.snapshot().settings().authDomain() + "?kid=" + launcher.audience() + "&redirect_url=%2F";
    }

    private Answer notSignedIn(Guest guest) {
        return Answer.page(pages.notice(
                branding(guest.snapshot(), null),
                Notice.plain(
                        "You are not signed in",
                        "Open one of your organisation's applications; it will bring you here to sign in.",
                        List.of())));
    }

    private static boolean admits(Guest guest, Application launcher, Identity person) {
        return Tiles.allows(launcher, person) && Tiles.decide(guest, launcher, person) instanceof Decision.Permit;
    }

    private Answer refused(Guest guest, Application launcher, Identity person) {
        String message = launcher.deny().message();
        Page page = pages.problem(
                branding(guest.snapshot(), launcher.launcher()),
                new Problem(
                        403,
                        "identity_denied",
                        "You cannot open this page",
                        message == null
                                ? "No policy of your organisation lets this account see the list of applications."
                                        + " The applications themselves may still be open to you."
                                : message,
                        guest.context().ray(),
                        "Signed in as " + person.email().value() + "."),
                List.of(new Action("Use another account", signIn(guest, launcher) + "&fresh=1")));
        return Answer.page(page);
    }
}
