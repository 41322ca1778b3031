package io.sallyport.gateway;

import io.sallyport.decision.Decided.Outcome;
import io.sallyport.gateway.Admission.Unguarded;
import io.sallyport.http.Countries;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.session.Presented;
import io.sallyport.session.SessionReader;
import io.sallyport.session.SessionState;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.WorkloadIssuers;
import io.sallyport.web.Answers;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Decides. Who is at the door comes from {@link SessionReader}, what that means from the application's compiled policy, and each
 * outcome has one place to go. Memory and arithmetic only, but for the rare token that must be re-issued.
 */
final class AccessFilter implements GlobalFilter, Ordered {
    static final int ORDER = -1000;

    private final SessionReader sessions;
    private final WorkloadTokens workloads;
    private final Offload offload;
    private final Admitting admitting;
    private final Reissue reissue;
    private final LoginRedirect login;
    private final CommandLines commandLines;
    private final Refusals refusals;
    private final Answers answers;
    private final DecisionNotes notes;
    private final Countries countries;
    private final InstantSource clock;
    private final PassFailures passFailures = new PassFailures();

    AccessFilter(
            SessionReader sessions,
            WorkloadTokens workloads,
            Offload offload,
            Admitting admitting,
            Reissue reissue,
            LoginRedirect login,
            CommandLines commandLines,
            Refusals refusals,
            Answers answers,
            DecisionNotes notes,
            Countries countries,
            InstantSource clock) {
        this.sessions = sessions;
        this.workloads = workloads;
        this.offload = offload;
        this.admitting = admitting;
        this.reissue = reissue;
        this.login = login;
        this.commandLines = commandLines;
        this.refusals = refusals;
        this.answers = answers;
        this.notes = notes;
        this.countries = countries;
        this.clock = clock;
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        AccessExchange access = AccessExchange.of(exchange);
        Application application = access.application();
        if (application == null) {
            return unmatched(exchange, chain, access);
        }
        if (application.isPublic(access.context().target())) {
            return unguarded(exchange, chain, Unguarded.PUBLIC_PATH);
        }
        EdgeRequest request = EdgeRequest.of(exchange);
        if (CommandLines.asksForMetadata(request)) {
            return commandLines.describe(exchange, access, application, clock.instant());
        }
        boolean preflight = Preflights.isPreflight(request);
        if (preflight && application.optionsPreflightBypass()) {
            return unguarded(exchange, chain, Unguarded.PREFLIGHT);
        }
        if (preflight && application.cors() != null) {
            AccessRecord.of(exchange).outcome("answered", "cors");
            return Preflights.answer(exchange, application.cors());
        }
        if (request.isWebSocket() && !Preflights.isAtHome(request, access, application)) {
            return refusals.forbidden(
                    exchange, access, "foreign_origin", "This page may not open a WebSocket to the application.");
        }
        Instant now = clock.instant();
        Presented presented = Credentials.of(request, application, access);
        List<String> tokens = presented.workloadTokens();
        Optional<WorkloadIssuers.Entry> issuer = workloads.unknown(access.snapshot(), tokens, now);
        if (issuer.isPresent()) {
            return offload.call(Offload.Room.STRANGERS, () -> {
                        workloads.verify(issuer.get(), tokens.getFirst(), now);
                        return true;
                    })
                    .flatMap(_ -> decide(exchange, chain, access, application, preflight, presented, now));
        }
        return decide(exchange, chain, access, application, preflight, presented, now);
    }

    private Mono<Void> decide(
            ServerWebExchange exchange,
            GatewayFilterChain chain,
            AccessExchange access,
            Application application,
            boolean preflight,
            Presented presented,
            Instant now) {
        SessionState session = sessions.read(access.snapshot(), application, presented, now);
        if (session instanceof SessionState.Service
                && !presented.workloadTokens().isEmpty()) {
            EdgeRequest.of(exchange).getHeaders().remove(HttpHeaders.AUTHORIZATION); // it was for the gate
        }
        InetAddress client = access.context().client();
        AccessRequest asked = new AccessRequest(
                client,
                countries.of(client),
                session.service(),
                access.certificate().holder(),
                session.subject());
        if (session instanceof SessionState.Stale stale) {
            return reissue.decide(access.snapshot(), application, stale, presented, asked, now)
                    .flatMap(fresh -> {
                        String cookie = fresh.cookie();
                        if (cookie != null) {
                            exchange.getResponse().getHeaders().add(HttpHeaders.SET_COOKIE, cookie);
                        }
                        Standing standing = new Standing(
                                access, application, fresh.session(), fresh.presented(), fresh.asked(), preflight, now);
                        return settle(exchange, chain, standing, fresh.decision());
                    });
        }
        return settle(
                exchange,
                chain,
                new Standing(access, application, session, presented, asked, preflight, now),
                application.policy().decide(asked));
    }

    private Mono<Void> settle(
            ServerWebExchange exchange, GatewayFilterChain chain, Standing standing, Decision decision) {
        boolean open = decision instanceof Permit permit && permit.grounds() == Permit.Grounds.BYPASS;
        notes.countReports(standing.application().policy(), standing.asked());
        if (standing.session() instanceof SessionState.BadServiceToken bad && !open) {
            return badCredentials(exchange, standing, decision, bad);
        }
        return switch (decision) {
            case Permit permit -> admit(exchange, chain, standing, permit);
            case Decision.LoginRequired required -> signIn(exchange, standing, required);
            case Decision.Denied denied -> deny(exchange, standing, denied);
        };
    }

    /** Credentials that do not authenticate end the request, whatever came along with them (ST-02, ST-03). */
    private Mono<Void> badCredentials(
            ServerWebExchange exchange, Standing standing, Decision decision, SessionState.BadServiceToken bad) {
        notes.note(exchange, standing, decision, Outcome.DENIED, "service_token_not_valid");
        if (bad.reason().equals(SessionState.BAD_PASS)) {
            exchange.getResponse().getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"app pass\"");
            if (passFailures.tooMany(standing.access().context().client())) {
                return refusals.tooManyFailures(exchange, standing.access());
            }
        }
        return refusals.unauthorized(exchange, standing.access(), bad.reason());
    }

    private Mono<Void> admit(ServerWebExchange exchange, GatewayFilterChain chain, Standing standing, Permit permit) {
        boolean bypass = permit.grounds() == Permit.Grounds.BYPASS;
        if (standing.access().stale() && !bypass) {
            return refusals.notReady(exchange, standing.access().snapshot());
        }
        String code = permit.reason().code().word();
        if (!bypass) {
            notes.note(exchange, standing, permit, Outcome.ALLOWED, code);
        }
        return admitting.admission(exchange, standing, permit, clock.instant()).flatMap(admission -> {
            AccessRecord record = AccessRecord.of(exchange);
            record.outcome(word(permit), code);
            record.policy(permit.reason().policyName());
            if (CommandLines.checksToken(EdgeRequest.of(exchange))) {
                return CommandLines.confirm(exchange);
            }
            exchange.getAttributes().put(Admission.ATTRIBUTE, admission);
            return chain.filter(exchange);
        });
    }

    private Mono<Void> signIn(ServerWebExchange exchange, Standing standing, Decision.LoginRequired required) {
        String code = required.reason().code().word();
        if (standing.strictlyService()) {
            notes.note(exchange, standing, required, Outcome.DENIED, "service_token_not_allowed");
            return refusals.forbidden(
                    exchange, standing.access(), "service_token_not_allowed", "No policy admits this service token.");
        }
        notes.note(exchange, standing, required, Outcome.LOGIN_REQUIRED, code);
        if (standing.preflight()) {
            return refusals.forbidden(exchange, standing.access(), code, "A preflight carries no session.");
        }
        boolean program = standing.session().service() != null;
        boolean background = answers.isBackground(exchange) && !CommandLines.opensStream(EdgeRequest.of(exchange));
        if (background || (program && standing.application().serviceAuth401Redirect())) {
            return refusals.unauthorized(exchange, standing.access(), code);
        }
        AccessRecord.of(exchange).outcome("login", code);
        return login.send(exchange, standing.access(), standing.application(), program, clock.instant());
    }

    private Mono<Void> deny(ServerWebExchange exchange, Standing standing, Decision.Denied denied) {
        notes.note(
                exchange,
                standing,
                denied,
                Outcome.DENIED,
                denied.reason().code().word());
        String who = Admitting.who(standing.session(), standing.asked().certificate());
        if (who != null) {
            AccessRecord.of(exchange).identity(who);
        }
        return refusals.denied(exchange, standing, denied, who);
    }

    private Mono<Void> unmatched(ServerWebExchange exchange, GatewayFilterChain chain, AccessExchange access) {
        if (access.stale()) {
            return refusals.notReady(exchange, access.snapshot());
        }
        return access.snapshot().settings().denyUnmatchedRequests()
                ? refusals.unmatched(exchange, access.snapshot())
                : unguarded(exchange, chain, Unguarded.UNMATCHED);
    }

    private static Mono<Void> unguarded(ServerWebExchange exchange, GatewayFilterChain chain, Unguarded admission) {
        AccessRecord.of(exchange).outcome("unguarded", admission.name().toLowerCase(Locale.ROOT));
        exchange.getAttributes().put(Admission.ATTRIBUTE, admission);
        return chain.filter(exchange);
    }

    private static String word(Permit permit) {
        return switch (permit.grounds()) {
            case IDENTITY -> "allowed";
            case SERVICE -> "service";
            case BYPASS -> "bypassed";
        };
    }
}
