package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.HostName;
import io.sallyport.identity.Identity;
import io.sallyport.login.AuthorizationCode.Onward;
import io.sallyport.login.AuthorizationCode.Stop;
import io.sallyport.session.SessionCookie;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpHeaders;

/**
 * Redirects the browser through the other hosts of an application after a login, so that each has its cookie before a
 * page of one host calls another ({@code eager_redirect_cookie_setting}).
 *
 * <p>The host on which the login ended has its cookie already, so a host that does not answer ends the tour and not the
 * login. The browser first visits each other host, which sets a CF_AppSession there; then the team domain, where the
 * global session must be the one that began the tour; then each host again, with a code for that CF_AppSession. So no
 * step works in another browser, and a link to one of them cannot sign anybody in. Each host takes two redirects, and
 * browsers give up after twenty, hence {@link #MOST}.
 */
final class HostTour {
    /** The same on application hosts and on the team domain. */
    static final String PATH = AccessHeaders.RESERVED_PATH + "hosts";

    /**
     * Most hosts on a tour, not counting the one on which the login ended. Further hosts sign in silently when they are
     * opened.
     */
    private static final int MOST = 7;

    private static final Duration LASTS = Duration.ofSeconds(60);
    private static final int LONGEST_RETURN = 1024;

    private final Seals seals;
    private final Sessions sessions;
    private final Replies replies;

    HostTour(Seals seals, Sessions sessions, Replies replies) {
        this.seals = seals;
        this.sessions = sessions;
        this.replies = replies;
    }

    /**
     * A tour under way.
     *
     * @param session the identity nonce of the global session that began the tour
     * @param left hosts still to be visited for the first time
     * @param passed hosts visited, with the CF_AppSession each set
     */
    record Tour(String audience, String session, List<String> left, List<Stop> passed, String home, long ends)
            implements Seals.Ending {
        private Tour passing(String appSession) {
            List<Stop> stops = new ArrayList<>(passed);
            stops.add(new Stop(left.getFirst(), appSession));
            return new Tour(audience, session, left.subList(1, left.size()), stops, home, ends);
        }
    }

    /** The first redirect of a tour for a login that has just ended on this host; empty when there is no tour. */
    Optional<String> from(Visit visit, Application application, AuthorizationCode code) {
        List<String> others = application.cookies().planted().stream()
                .map(HostName::value)
                .filter(host -> !host.equals(code.host()))
                .limit(MOST)
                .toList();
        if (others.isEmpty()
                || visit.headers().getFirst(HttpHeaders.ACCEPT)
                        == null // a program that follows the redirects of a login
                || !replies.wantsPage(visit)
                || code.returnTo().length() > LONGEST_RETURN
                || code.returnTo().startsWith(CliLogin.PATH)) {
            return Optional.empty();
        }
        Tour tour = new Tour(
                code.audience(),
                code.session(),
                others,
                List.of(),
                Destination.origin(visit.snapshot(), code.host()) + code.returnTo(),
                visit.now().plus(LASTS).getEpochSecond());
        return Optional.of(next(visit.snapshot(), tour));
    }

    /** On an application host: the first visit. */
    Reply pass(Visit visit) {
        Optional<Tour> under = visit.query("tour")
                .flatMap(text -> seals.open(Tour.class, text, visit.now()))
                .filter(tour -> !tour.left().isEmpty()
                        && tour.left()
                                .getFirst()
                                .equals(visit.context().target().host().value()));
        if (under.isEmpty()) {
            return ended(visit);
        }
        String appSession = SessionCookie.appSessionOf(visit.cookies());
        return replies.redirect(
                        visit, next(visit.snapshot(), under.get().passing(SessionCookie.fingerprint(appSession))))
                .with(SessionCookie.appSession(appSession, visit.now()));
    }

    /** On the team domain: checks that this is the browser that signed in. */
    Reply turn(Visit visit) {
        Optional<Tour> under = visit.query("tour")
                .flatMap(text -> seals.open(Tour.class, text, visit.now()))
                .filter(tour -> tour.left().isEmpty());
        if (under.isEmpty()) {
            return ended(visit);
        }
        Tour tour = under.get();
        boolean same = sessions.global(visit)
                .map(Identity::nonce)
                .filter(nonce -> nonce.value().equals(tour.session()))
                .isPresent();
        return replies.redirect(
                visit,
                same
                        ? code(
                                visit.snapshot(),
                                tour.audience(),
                                tour.session(),
                                tour.ends(),
                                new Onward(tour.passed(), tour.home()))
                        : tour.home());
    }

    /** The next redirect after a host. */
    String after(Visit visit, AuthorizationCode code, Onward onward) {
        return code(visit.snapshot(), code.audience(), code.session(), code.ends(), onward);
    }

    private String next(Snapshot snapshot, Tour tour) {
        String origin = tour.left().isEmpty()
                ? snapshot.settings().issuer()
                : Destination.origin(snapshot, tour.left().getFirst());
        return origin + PATH + "?tour=" + seals.seal(tour);
    }

    private String code(Snapshot snapshot, String audience, String session, long ends, Onward onward) {
        if (onward.stops().isEmpty()) {
            return onward.home();
        }
        Stop stop = onward.stops().getFirst();
        List<Stop> further = onward.stops().subList(1, onward.stops().size());
        AuthorizationCode code = new AuthorizationCode(
                seals.random(),
                audience,
                stop.host(),
                "/",
                stop.appSession(),
                session,
                ends,
                new Onward(further, onward.home()));
        return Destination.origin(snapshot, stop.host()) + Authorized.PATH + "?code=" + seals.seal(code);
    }

    private Reply ended(Visit visit) {
        return replies.problem(
                visit,
                400,
                "invalid_session",
                "Invalid session",
                "This sign-in has ended. Open the application again.",
                List.of());
    }
}
