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
 * Takes the browser through the other hosts of an application after a login, so that each has its cookie before a page of one asks
 * another for something ({@code eager_redirect_cookie_setting}, spec/access-semantics.md §2, §7.3).
 *
 * <p>Where the login ended has its cookie already: a host that does not answer costs the tour and not the login. Then the browser
 * passes each other host once, which gives it a CF_AppSession there; the team domain, where its global session must be the one that
 * set out; and each host again, with a code for that CF_AppSession. So no step works in another browser, and a link to any of them
 * plants nothing. Two redirects for each host: browsers give up after twenty, so that {@link #MOST} is what fits.
 */
final class HostTour {
    /** The same on application hosts and on the team domain. */
    static final String PATH = AccessHeaders.RESERVED_PATH + "hosts";

    /** Other hosts than the one the login ended on; those beyond sign in silently when they are opened. */
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
     * @param session the identity nonce it set out with
     * @param left hosts still to be passed for the first time
     * @param passed hosts with what they gave the browser
     */
    record Tour(String audience, String session, List<String> left, List<Stop> passed, String home, long ends)
            implements Seals.Ending {
        private Tour passing(String appSession) {
            List<Stop> stops = new ArrayList<>(passed);
            stops.add(new Stop(left.getFirst(), appSession));
            return new Tour(audience, session, left.subList(1, left.size()), stops, home, ends);
        }
    }

    /** Where a browser goes whose login has just ended on this host; empty when that is simply its page. */
    Optional<String> from(Visit visit, Application application, AuthorizationCode code) {
        List<String> others = application.cookies().planted().stream()
                .map(HostName::value)
                .filter(host -> !host.equals(code.host()))
                .limit(MOST)
                .toList();
        if (others.isEmpty()
                || visit.headers().getFirst(HttpHeaders.ACCEPT) == null // a program that walks through a login
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

    /** On an application host, the first time. */
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

    /** On the team domain: the browser must be the one that signed in. */
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

    /** Where the browser goes on to after one of its hosts. */
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
