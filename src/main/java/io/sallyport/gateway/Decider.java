package io.sallyport.gateway;

import io.sallyport.http.Countries;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.policy.Subject;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionReader;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.net.InetAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Decides whether a request may pass, when it arrives and again while it lasts: {@link SessionReader} says who sends
 * it, and the application's compiled policy decides. No I/O, except when a token must be re-issued.
 */
final class Decider {
    private final SessionReader sessions;
    private final Reissue reissue;
    private final Countries countries;

    Decider(SessionReader sessions, Reissue reissue, Countries countries) {
        this.sessions = sessions;
        this.reissue = reissue;
        this.countries = countries;
    }

    /** Whether a policy lets everybody pass who comes from there, so that nobody is asked who it is. */
    boolean isOpen(Application application, InetAddress client, @Nullable CertificateIdentity holder) {
        AccessRequest anybody = new AccessRequest(client, countries.of(client), null, holder, new Subject.Anonymous());
        return application.policy().decide(anybody) instanceof Permit permit
                && permit.grounds() == Permit.Grounds.BYPASS;
    }

    /**
     * Decides; immediately unless a token must be re-issued. In that case the result is an error when the database does
     * not answer.
     *
     * @param holder holder of the client certificate; null when there is none or it proves nobody
     */
    Mono<Ruling> decide(
            Snapshot snapshot,
            Application application,
            InetAddress client,
            Presented presented,
            @Nullable CertificateIdentity holder,
            Instant now) {
        SessionState session = sessions.read(snapshot, application, presented, now);
        AccessRequest asked =
                new AccessRequest(client, countries.of(client), session.service(), holder, session.subject());
        return session instanceof SessionState.Stale stale
                ? reissue.decide(snapshot, application, stale, presented, asked, now)
                : Mono.just(Ruling.of(
                        session, presented, asked, application.policy().decide(asked)));
    }
}
