package io.sallyport.login;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AuditEvent;
import io.sallyport.audit.AuditLog;
import io.sallyport.decision.Decided;
import io.sallyport.decision.DecisionLog;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.session.AppTokens;
import io.sallyport.snapshot.Application;
import org.jspecify.annotations.Nullable;

/** Reports the outcome of every login and logout to the audit log and the metrics. Never blocks. */
final class LoginEvents {
    private static final String LOGIN = "login";
    private static final String LOGOUT = "logout";

    private final AuditLog audit;
    private final DecisionLog decisions;
    private final MeterRegistry meters;

    LoginEvents(AuditLog audit, DecisionLog decisions, MeterRegistry meters) {
        this.audit = audit;
        this.decisions = decisions;
        this.meters = meters;
    }

    /** A person was admitted. */
    void allowed(Visit visit, Application application, Identity identity, String reason) {
        record(visit, LOGIN, true, reason, application, identity.idp(), identity.user(), identity.email());
    }

    /** The policies decided about a known person; stored with the decision tree under the page's ray id. */
    void decided(Visit visit, Application application, Identity identity, AppTokens.Judged judged) {
        Decision decision = judged.decision();
        decisions.offer(new Decided(
                visit.now(),
                visit.context().ray(),
                visit.snapshot().version(),
                application,
                judged.asked(),
                decision,
                decision instanceof Decision.Permit ? Decided.Outcome.ALLOWED : Decided.Outcome.DENIED,
                decision.reason().code().word(),
                "present",
                Decided.Place.LOGIN,
                "GET",
                visit.context().target().host().value(),
                visit.context().target().path(),
                identity.user(),
                identity.nonce()));
    }

    /** The policies decided about a workload's token exchange; stored with the decision tree. */
    void exchanged(
            Visit visit,
            Application application,
            AccessRequest asked,
            Decision decision,
            Decided.Outcome outcome,
            String reason) {
        decisions.offer(new Decided(
                visit.now(),
                visit.context().ray(),
                visit.snapshot().version(),
                application,
                asked,
                decision,
                outcome,
                reason,
                "service_token",
                Decided.Place.LOGIN,
                "POST",
                visit.context().target().host().value(),
                visit.context().target().path(),
                null,
                null));
        exchange(reason);
    }

    /** Counts a token exchange by its outcome. */
    void exchange(String reason) {
        meters.counter("sallyport.token.exchanges", "reason", reason).increment();
    }

    /** A known person was refused. */
    void denied(Visit visit, Application application, Identity identity, String reason) {
        record(visit, LOGIN, false, reason, application, identity.idp(), identity.user(), identity.email());
    }

    /** A login failed before the person was known. */
    void failed(
            Visit visit,
            @Nullable Application application,
            @Nullable IdpRef idp,
            @Nullable Email email,
            String reason) {
        record(visit, LOGIN, false, reason, application, idp, null, email);
    }

    /** A person signed out. */
    void loggedOut(Visit visit, UserId user, Email email) {
        record(visit, LOGOUT, true, "signed_out", null, null, user, email);
    }

    private void record(
            Visit visit,
            String action,
            boolean allowed,
            String reason,
            @Nullable Application application,
            @Nullable IdpRef idp,
            @Nullable UserId user,
            @Nullable Email email) {
        audit.offer(new AuditEvent.Authentication(
                visit.now(),
                visit.context().ray(),
                action,
                allowed,
                reason,
                application == null ? null : application.id(),
                application == null ? null : application.domain(),
                idp,
                user,
                email == null ? null : email.value(),
                visit.context().client().getHostAddress(),
                visit.country(),
                null));
        meters.counter(
                        "sallyport.logins",
                        "action",
                        action,
                        "outcome",
                        allowed ? "allowed" : "denied",
                        "reason",
                        reason,
                        "connection",
                        idp == null ? "none" : idp.type())
                .increment();
    }
}
