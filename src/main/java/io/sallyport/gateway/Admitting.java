package io.sallyport.gateway;

import io.sallyport.audit.AppPassUse;
import io.sallyport.audit.ServiceTokenUse;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.session.ServiceAssertions;
import io.sallyport.session.SessionCookie;
import io.sallyport.session.SessionReader;
import io.sallyport.session.SessionReader.Presented;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Turns a permit into an admission: finds the assertion the origin will get, and the cookie a program may come back with. */
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

    Mono<Admission.Permitted> admission(
            ServerWebExchange exchange,
            AccessExchange access,
            Application application,
            SessionState session,
            Presented presented,
            Permit permit,
            Instant now) {
        if (permit.grounds() == Permit.Grounds.BYPASS) {
            return Mono.just(
                    Admission.by(permit, presented, null, null)); // no identity, even where there is one (HH-06)
        }
        CertificateIdentity holder = access.certificate().holder();
        String who = who(session, holder);
        if (who != null) {
            AccessRecord.of(exchange).identity(who);
        }
        return switch (session) {
            case SessionState.Present present -> Mono.just(Admission.by(permit, presented, present));
            case SessionState.ServiceCookie cookie ->
                Mono.just(Admission.by(permit, presented, cookie.compact(), null));
            case SessionState.Service service -> {
                boolean workload = service.identity().isWorkload();
                if (!workload) {
                    uses.note(service.identity().id(), now);
                }
                yield assertion(access, application, service.identity(), now).map(token -> {
                    if (!workload && !access.snapshot().settings().strictServiceTokens()) {
                        exchange.getResponse()
                                .getHeaders()
                                .add(
                                        HttpHeaders.SET_COOKIE,
                                        SessionCookie.application(application, token.compact(), token.expiresAt()));
                    }
                    return Admission.by(permit, presented, token.compact(), null);
                });
            }
            case SessionState.Stale s -> Mono.just(Admission.by(permit, presented, null, null));
            case SessionState.Pass pass -> {
                passUses.note(pass.entry().nonce(), now);
                String known = sessions.knownAssertion(access.snapshot(), pass, now);
                Mono<String> token = known != null
                        ? Mono.just(known)
                        : offload.call(() -> sessions.signAssertion(access.snapshot(), application, pass, now));
                yield token.map(compact -> Admission.by(
                        permit, presented, compact, pass.identity().email().value()));
            }
            case SessionState.Absent _, SessionState.Expired _, SessionState.Rejected _ ->
                holder == null
                        ? Mono.just(Admission.by(permit, presented, null, null))
                        : byCertificate(exchange, access, application, presented, permit, holder, now);
            case SessionState.BadServiceToken b -> Mono.just(Admission.by(permit, presented, null, null));
        };
    }

    /** Who a session speaks for, as the log may say it. */
    static @Nullable String who(SessionState session, @Nullable CertificateIdentity holder) {
        if (session instanceof SessionState.Present present) {
            return present.claims().email().value();
        }
        if (session instanceof SessionState.Pass pass) {
            return pass.identity().email().value();
        }
        ServiceIdentity service = AccessFilter.service(session);
        if (service != null) {
            return service.clientId();
        }
        return holder == null ? null : "CN=" + holder.commonName();
    }

    /** The certificate alone let somebody in: the origin is told so, and the visitor gets the token too, as §18 has it. */
    private Mono<Admission.Permitted> byCertificate(
            ServerWebExchange exchange,
            AccessExchange access,
            Application application,
            Presented presented,
            Permit permit,
            CertificateIdentity holder,
            Instant now) {
        ServiceAssertions.Assertion known = assertions.known(access.snapshot(), application, holder, now);
        Mono<ServiceAssertions.Assertion> token = known != null
                ? Mono.just(known)
                : offload.call(() -> assertions.sign(access.snapshot(), application, holder, now));
        return token.map(assertion -> {
            if (!presented.authorizationCookies().contains(assertion.compact())) {
                exchange.getResponse()
                        .getHeaders()
                        .add(
                                HttpHeaders.SET_COOKIE,
                                SessionCookie.application(application, assertion.compact(), assertion.expiresAt()));
            }
            return Admission.by(permit, presented, assertion.compact(), null);
        });
    }

    private Mono<ServiceAssertions.Assertion> assertion(
            AccessExchange access, Application application, ServiceIdentity identity, Instant now) {
        ServiceAssertions.Assertion known = assertions.known(access.snapshot(), application, identity, now);
        return known != null
                ? Mono.just(known)
                : offload.call(() -> assertions.sign(access.snapshot(), application, identity, now));
    }
}
