package io.sallyport.gateway;

import io.sallyport.audit.AppPassUse;
import io.sallyport.audit.ServiceTokenUse;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.session.HeaderAttributes;
import io.sallyport.session.Presented;
import io.sallyport.session.ServiceAssertions;
import io.sallyport.session.SessionCookie;
import io.sallyport.session.SessionReader;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Turns a permit into an admission: finds or signs the assertion for the origin, and the cookie that a program may send
 * with its next requests.
 */
final class Admitting {
    private final SessionReader sessions;
    private final ServiceAssertions assertions;
    private final Offload offload;
    private final ServiceTokenUse uses;
    private final AppPassUse passUses;

    Admitting(
            SessionReader sessions,
            ServiceAssertions assertions,
            Offload offload,
            ServiceTokenUse uses,
            AppPassUse passUses) {
        this.sessions = sessions;
        this.assertions = assertions;
        this.offload = offload;
        this.uses = uses;
        this.passUses = passUses;
    }

    Mono<Admission.Permitted> admission(ServerWebExchange exchange, Standing standing, Permit permit) {
        Presented presented = standing.presented();
        if (permit.grounds() == Permit.Grounds.BYPASS) {
            // No identity, even where there is one (HH-06).
            return Mono.just(Admission.anonymous(permit, presented));
        }
        CertificateIdentity holder = standing.access().certificate().holder();
        String who = who(standing.session(), holder);
        if (who != null) {
            AccessRecord.of(exchange).identity(who);
        }
        return switch (standing.session()) {
            case SessionState.Present present -> Mono.just(Admission.person(permit, presented, present));
            case SessionState.ServiceCookie cookie ->
                Mono.just(Admission.program(permit, presented, cookie.identity().clientId(), cookie.compact()));
            case SessionState.Service service -> program(exchange, standing, permit, service.identity());
            case SessionState.Pass pass -> byPass(standing, permit, pass);
            case SessionState.Absent _, SessionState.Expired _, SessionState.Rejected _ ->
                holder == null
                        ? Mono.just(Admission.anonymous(permit, presented))
                        : byCertificate(exchange, standing, permit, holder);
            case SessionState.Stale _, SessionState.BadServiceToken _ ->
                Mono.just(Admission.anonymous(permit, presented));
        };
    }

    /** Whom a session speaks for, in the form that may be logged. */
    static @Nullable String who(SessionState session, @Nullable CertificateIdentity holder) {
        if (session instanceof SessionState.Present present) {
            return present.claims().email().value();
        }
        if (session instanceof SessionState.Pass pass) {
            return pass.identity().email().value();
        }
        ServiceIdentity service = session.service();
        if (service != null) {
            return service.clientId();
        }
        return holder == null ? null : who(holder);
    }

    private static String who(CertificateIdentity holder) {
        return "CN=" + holder.commonName();
    }

    /** A service token is noted as used, and outside strict mode comes back as a cookie; a workload's own token is neither. */
    private Mono<Admission.Permitted> program(
            ServerWebExchange exchange, Standing standing, Permit permit, ServiceIdentity service) {
        Instant now = standing.now();
        Snapshot snapshot = standing.access().snapshot();
        boolean workload = service.isWorkload();
        if (!workload) {
            uses.note(service.id(), now);
        }
        ServiceAssertions.Assertion known = assertions.known(snapshot, standing.application(), service, now);
        Mono<ServiceAssertions.Assertion> token = known != null
                ? Mono.just(known)
                : offload.call(() -> assertions.sign(snapshot, standing.application(), service, now));
        return token.map(assertion -> {
            if (!workload && !snapshot.settings().strictServiceTokens()) {
                giveCookie(exchange, standing.application(), assertion);
            }
            return Admission.program(permit, standing.presented(), service.clientId(), assertion.compact());
        });
    }

    private Mono<Admission.Permitted> byPass(Standing standing, Permit permit, SessionState.Pass pass) {
        Instant now = standing.now();
        passUses.note(pass.entry().nonce(), now);
        Snapshot snapshot = standing.access().snapshot();
        String known = sessions.knownAssertion(snapshot, pass, now);
        Mono<String> token = known != null
                ? Mono.just(known)
                : offload.call(() -> sessions.signAssertion(snapshot, standing.application(), pass, now));
        String email = pass.identity().email().value();
        Map<String, String> attributes = HeaderAttributes.of(snapshot, pass.identity());
        return token.map(compact -> Admission.pass(permit, standing.presented(), email, compact, attributes));
    }

    /**
     * Admitted by client certificate alone: the origin gets an assertion, and the visitor gets the same token as a
     * cookie.
     */
    private Mono<Admission.Permitted> byCertificate(
            ServerWebExchange exchange, Standing standing, Permit permit, CertificateIdentity holder) {
        Instant now = standing.now();
        Snapshot snapshot = standing.access().snapshot();
        ServiceAssertions.Assertion known = assertions.known(snapshot, standing.application(), holder, now);
        Mono<ServiceAssertions.Assertion> token = known != null
                ? Mono.just(known)
                : offload.call(() -> assertions.sign(snapshot, standing.application(), holder, now));
        return token.map(assertion -> {
            if (!standing.presented().tokens().cookies().contains(assertion.compact())) {
                giveCookie(exchange, standing.application(), assertion);
            }
            return Admission.program(permit, standing.presented(), who(holder), assertion.compact());
        });
    }

    private static void giveCookie(
            ServerWebExchange exchange, Application application, ServiceAssertions.Assertion assertion) {
        exchange.getResponse()
                .getHeaders()
                .add(
                        HttpHeaders.SET_COOKIE,
                        SessionCookie.application(application, assertion.compact(), assertion.expiresAt()));
    }
}
