package io.sallyport.login;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AuditEvent;
import io.sallyport.audit.AuditLog;
import io.sallyport.identity.Email;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import io.sallyport.snapshot.Application;
import org.jspecify.annotations.Nullable;

/** Tells the audit log and the metrics how every login and logout ended. Neither ever waits. */
final class LoginEvents {
    private static final String LOGIN = "login";
    private static final String LOGOUT = "logout";

    private final AuditLog audit;
    private final MeterRegistry meters;

    LoginEvents(AuditLog audit, MeterRegistry meters) {
        this.audit = audit;
        this.meters = meters;
    }

    /** A person came in. */
    void allowed(Visit visit, Application application, Identity identity, String reason) {
        record(visit, LOGIN, true, reason, application, identity.idp(), identity.user(), identity.email());
    }

    /** A known person was refused. */
    void denied(Visit visit, Application application, Identity identity, String reason) {
        record(visit, LOGIN, false, reason, application, identity.idp(), identity.user(), identity.email());
    }

    /** A login failed before anybody was known. */
    void failed(
            Visit visit,
            @Nullable Application application,
            @Nullable IdpRef idp,
            @Nullable Email email,
            String reason) {
        record(visit, LOGIN, false, reason, application, idp, null, email);
    }

    /** A person left. */
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
