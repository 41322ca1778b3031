package io.sallyport.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.decision.Decided;
import io.sallyport.decision.DecisionLog;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.UserId;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.Explanation;
import io.sallyport.session.SessionState;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotListener;
import io.sallyport.token.TokenClaims;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/**
 * Records decisions in the decision log, and counts what report-only policies would have decided. Bypass decisions are
 * not recorded, because nothing is kept about visitors of open applications. A counter
 * ends when no application has its policy, by that name and only reporting, any more.
 */
final class DecisionNotes implements SnapshotListener {
    private static final int LONGEST_PATH = 1024;

    private final DecisionLog log;
    private final MeterRegistry meters;
    private final Map<Watched, Counter> reports = new ConcurrentHashMap<>();

    DecisionNotes(DecisionLog log, MeterRegistry meters) {
        this.log = log;
        this.meters = meters;
    }

    private record Watched(PolicyId policy, String name, Explanation.Effect effect) {}

    /** @param reason a stable lower-case word */
    void note(ServerWebExchange exchange, Standing standing, Decided.Outcome outcome, String reason) {
        AccessRecord record = AccessRecord.of(exchange);
        AccessExchange access = standing.access();
        SessionState session = standing.session();
        Person person = Person.of(session);
        String path = access.context().target().path();
        record.decisionId(log.offer(new Decided(
                standing.now(),
                record.ray(),
                access.snapshot().version(),
                standing.application(),
                standing.asked(),
                standing.decision(),
                outcome,
                reason,
                word(session, standing.asked()),
                Decided.Place.GATE,
                exchange.getRequest().getMethod().name(),
                access.context().target().host().value(),
                path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH),
                person.user(),
                person.session())));
    }

    /** Counts what report-only policies would have decided; costs nothing when there are none. */
    void countReports(CompiledPolicy policy, AccessRequest asked) {
        if (policy.hasReportOnly()) {
            for (CompiledPolicy.Report report : policy.reports(asked)) {
                reports.computeIfAbsent(new Watched(report.policy(), report.name(), report.effect()), this::counter)
                        .increment();
            }
        }
    }

    /** A request that began before the swap may begin a counter again; it ends with the next swap. */
    @Override
    public void swapped(Snapshot snapshot) {
        if (reports.isEmpty()) {
            return;
        }
        Map<PolicyId, String> reporting = new HashMap<>();
        for (Application application : snapshot.applicationsById().values()) {
            if (application.policy().hasReportOnly()) {
                reporting.putAll(application.policy().reportOnly());
            }
        }
        for (Watched watched : reports.keySet()) {
            if (!watched.name.equals(reporting.get(watched.policy))) {
                reports.computeIfPresent(watched, (_, counter) -> {
                    meters.remove(counter);
                    return null;
                });
            }
        }
    }

    private Counter counter(Watched watched) {
        return Counter.builder("sallyport.report.only")
                .description("What policies that only report would have done")
                .tag("policy", watched.policy.toString())
                .tag("name", watched.name)
                .tag("effect", watched.effect.name().toLowerCase(Locale.ROOT))
                .register(meters);
    }

    private static String word(SessionState session, AccessRequest asked) {
        return switch (session) {
            case SessionState.Present _, SessionState.Stale _ -> "present";
            case SessionState.Service _, SessionState.ServiceCookie _ -> "service_token";
            case SessionState.Pass _ -> "app_pass";
            case SessionState.Absent _ -> asked.certificate() == null ? "absent" : "certificate";
            case SessionState.Expired _ -> "expired";
            case SessionState.Rejected rejected -> "rejected: " + rejected.reason();
            case SessionState.BadServiceToken bad -> "rejected: " + bad.reason();
        };
    }

    /** The session's person and its nonce; both null when the session is not a person's. */
    private record Person(@Nullable UserId user, @Nullable IdentityNonce session) {
        static Person of(SessionState session) {
            return switch (session) {
                case SessionState.Present present -> of(present.claims());
                case SessionState.Stale stale -> of(stale.claims());
                case SessionState.Pass pass ->
                    new Person(pass.identity().user(), pass.entry().nonce());
                case SessionState.Service _,
                        SessionState.ServiceCookie _,
                        SessionState.Absent _,
                        SessionState.Expired _,
                        SessionState.Rejected _,
                        SessionState.BadServiceToken _ -> new Person(null, null);
            };
        }

        private static Person of(TokenClaims.App claims) {
            return new Person(claims.subject(), claims.nonce());
        }
    }
}
