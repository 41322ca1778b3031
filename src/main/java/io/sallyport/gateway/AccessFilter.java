package io.sallyport.gateway;

import io.sallyport.decision.Decided.Outcome;
import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.http.Countries;
import io.sallyport.http.UrlPattern;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.policy.Subject;
import io.sallyport.session.PassCredentials;
import io.sallyport.session.SessionReader;
import io.sallyport.session.SessionReader.Presented;
import io.sallyport.session.SessionState;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.WorkloadIssuers;
import io.sallyport.web.Answers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
        if (isPublic(application, access)) {
            return unguarded(exchange, chain, Admission.Unguarded.PUBLIC_PATH);
        }
        EdgeRequest request = EdgeRequest.of(exchange);
        if (CommandLines.asksForMetadata(request)) {
            return commandLines.describe(exchange, access, application, clock.instant());
        }
        boolean preflight = Preflights.isPreflight(request);
        if (preflight && application.optionsPreflightBypass()) {
            return unguarded(exchange, chain, Admission.Unguarded.PREFLIGHT);
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
        Presented presented = presented(request, application, access);
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
        AccessRequest anonymous = new AccessRequest(
                access.context().client(),
                countries.of(access.context().client()),
                service(session),
                access.certificate().holder(),
                new Subject.Anonymous());
        if (session instanceof SessionState.Stale stale) {
            return reissue.decide(access.snapshot(), application, stale, presented, anonymous, now)
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
        AccessRequest asked = asking(anonymous, session);
        return settle(
                exchange,
                chain,
                new Standing(access, application, session, presented, asked, preflight, now),
                application.policy().decide(asked));
    }

    /** What a decision is acted upon with. */
    private record Standing(
            AccessExchange access,
            Application application,
            SessionState session,
            Presented presented,
            AccessRequest asked,
            boolean preflight,
            Instant now) {
        /** Strict mode and token credentials: only service auth and bypass may admit, and nothing leads to a login (ST-02). */
        boolean strictlyService() {
            return session instanceof SessionState.Service
                    && access.snapshot().settings().strictServiceTokens();
        }
    }

    private Mono<Void> settle(
            ServerWebExchange exchange, GatewayFilterChain chain, Standing standing, Decision decision) {
        boolean open = decision instanceof Permit permit && permit.grounds() == Permit.Grounds.BYPASS;
        notes.countReports(standing.application.policy(), standing.asked);
        if (standing.session instanceof SessionState.BadServiceToken bad && !open) {
            note(exchange, standing, decision, Outcome.DENIED, "service_token_not_valid");
            if (bad.reason().equals(SessionState.BAD_PASS)) {
                exchange.getResponse().getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"app pass\"");
                if (passFailures.tooMany(standing.access.context().client())) {
                    return refusals.tooManyFailures(exchange, standing.access);
                }
            }
            return refusals.unauthorized(exchange, standing.access, bad.reason()); // ST-02, ST-03
        }
        return switch (decision) {
            case Permit permit -> admit(exchange, chain, standing, permit);
            case Decision.LoginRequired required -> signIn(exchange, standing, required);
            case Decision.Denied denied -> deny(exchange, standing, denied);
        };
    }

    private Mono<Void> admit(ServerWebExchange exchange, GatewayFilterChain chain, Standing standing, Permit permit) {
        if (standing.access.stale() && permit.grounds() != Permit.Grounds.BYPASS) {
            return refusals.notReady(exchange, standing.access.snapshot());
        }
        if (permit.grounds() != Permit.Grounds.BYPASS) {
            note(exchange, standing, permit, Outcome.ALLOWED, code(permit));
        }
        return admitting
                .admission(
                        exchange,
                        standing.access,
                        standing.application,
                        standing.session,
                        standing.presented,
                        permit,
                        clock.instant())
                .flatMap(admission -> {
                    AccessRecord record = AccessRecord.of(exchange);
                    record.outcome(word(permit), code(permit));
                    record.policy(permit.reason().policyName());
                    if (CommandLines.checksToken(EdgeRequest.of(exchange))) {
                        return CommandLines.confirm(exchange);
                    }
                    exchange.getAttributes().put(Admission.ATTRIBUTE, admission);
                    return chain.filter(exchange);
                });
    }

    private Mono<Void> signIn(ServerWebExchange exchange, Standing standing, Decision.LoginRequired required) {
        String code = code(required);
        if (standing.strictlyService()) {
            note(exchange, standing, required, Outcome.DENIED, "service_token_not_allowed");
            return refusals.forbidden(
                    exchange, standing.access, "service_token_not_allowed", "No policy admits this service token.");
        }
        note(exchange, standing, required, Outcome.LOGIN_REQUIRED, code);
        if (standing.preflight) {
            return refusals.forbidden(exchange, standing.access, code, "A preflight carries no session.");
        }
        boolean program = service(standing.session) != null;
        boolean background = answers.isBackground(exchange) && !CommandLines.opensStream(EdgeRequest.of(exchange));
        if (background || (program && standing.application.serviceAuth401Redirect())) {
            return refusals.unauthorized(exchange, standing.access, code);
        }
        AccessRecord.of(exchange).outcome("login", code);
        return login.send(exchange, standing.access, standing.application, program, clock.instant());
    }

    private Mono<Void> deny(ServerWebExchange exchange, Standing standing, Decision.Denied denied) {
        note(exchange, standing, denied, Outcome.DENIED, code(denied));
        String who = Admitting.who(standing.session, standing.asked.certificate());
        if (who != null) {
            AccessRecord.of(exchange).identity(who);
        }
        return refusals.denied(
                exchange, standing.access, standing.application, denied, who, standing.strictlyService());
    }

    private void note(
            ServerWebExchange exchange, Standing standing, Decision decision, Outcome outcome, String reason) {
        notes.note(
                exchange,
                standing.access,
                standing.application,
                standing.session,
                standing.asked,
                decision,
                outcome,
                reason,
                standing.now);
    }

    private static String code(Decision decision) {
        return decision.reason().code().name().toLowerCase(Locale.ROOT);
    }

    private Mono<Void> unmatched(ServerWebExchange exchange, GatewayFilterChain chain, AccessExchange access) {
        if (access.stale()) {
            return refusals.notReady(exchange, access.snapshot());
        }
        return access.snapshot().settings().denyUnmatchedRequests()
                ? refusals.unmatched(exchange, access.snapshot())
                : unguarded(exchange, chain, Admission.Unguarded.UNMATCHED);
    }

    private static Mono<Void> unguarded(
            ServerWebExchange exchange, GatewayFilterChain chain, Admission.Unguarded admission) {
        AccessRecord.of(exchange).outcome("unguarded", admission.name().toLowerCase(Locale.ROOT));
        exchange.getAttributes().put(Admission.ATTRIBUTE, admission);
        return chain.filter(exchange);
    }

    /** Whether today's configuration would still let this pass without a decision. */
    static boolean stillUnguarded(
            Admission.Unguarded admission,
            @Nullable Application application,
            Snapshot snapshot,
            AccessExchange access) {
        return switch (admission) {
            case PUBLIC_PATH -> application != null && isPublic(application, access);
            case PREFLIGHT -> application != null && application.optionsPreflightBypass();
            case UNMATCHED -> application == null && !snapshot.settings().denyUnmatchedRequests();
        };
    }

    /** An override covers what it literally names; children need a wildcard of their own (§3.1). */
    private static boolean isPublic(Application application, AccessExchange access) {
        for (UrlPattern pattern : application.publicOverrides()) {
            if (pattern.matchesLiterally(
                    access.context().target().host(), access.context().target().path())) {
                return true;
            }
        }
        return false;
    }

    private static Presented presented(EdgeRequest request, Application application, AccessExchange access) {
        HttpHeaders headers = request.getHeaders();
        List<String> cookieFields = headers.getOrEmpty(HttpHeaders.COOKIE);
        List<String> authorization = List.of();
        List<String> binding = List.of();
        if (!cookieFields.isEmpty()) {
            CookieHeader cookies = CookieHeader.parse(cookieFields);
            authorization = cookies.values(AccessHeaders.AUTHORIZATION_COOKIE);
            binding = cookies.values(AccessHeaders.BINDING_COOKIE);
        }
        String single = application.serviceTokenHeader();
        return new Presented(
                authorization,
                binding,
                headers.getOrEmpty(AccessHeaders.ACCESS_TOKEN),
                headers.getOrEmpty(AccessHeaders.CLIENT_ID),
                headers.getOrEmpty(AccessHeaders.CLIENT_SECRET),
                single == null ? List.of() : headers.getOrEmpty(single),
                passes(headers, application),
                workloadTokens(headers, access.snapshot()),
                access.certificate().holder() == null
                        ? null
                        : access.certificate().holder().thumbprint());
    }

    private static List<String> workloadTokens(HttpHeaders headers, Snapshot snapshot) {
        return headers.getOrEmpty(HttpHeaders.AUTHORIZATION).stream()
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).strip())
                .filter(token -> WorkloadTokens.isForTheGate(snapshot, token))
                .toList();
    }

    private static PassCredentials passes(HttpHeaders headers, Application application) {
        AppPasses.Settings settings = application.passes();
        if (settings == null) {
            return PassCredentials.NONE;
        }
        List<String> cookies = headers.getOrEmpty(HttpHeaders.COOKIE);
        String header = settings.header();
        return PassCredentials.of(
                headers.getOrEmpty(HttpHeaders.AUTHORIZATION),
                header == null ? List.of() : headers.getOrEmpty(header),
                cookies.isEmpty() ? List.of() : CookieHeader.parse(cookies).values(AccessHeaders.APP_PASS_COOKIE));
    }

    static AccessRequest asking(AccessRequest anonymous, SessionState session) {
        if (session instanceof SessionState.Pass pass) {
            return new AccessRequest(
                    anonymous.client(),
                    anonymous.country(),
                    null,
                    anonymous.certificate(),
                    new Subject.Person(pass.identity().email(), pass.facts()));
        }
        return session instanceof SessionState.Present present
                ? new AccessRequest(
                        anonymous.client(),
                        anonymous.country(),
                        null,
                        anonymous.certificate(),
                        new Subject.Person(present.claims().email(), present.facts()))
                : anonymous;
    }

    static io.sallyport.identity.@Nullable ServiceIdentity service(SessionState session) {
        return switch (session) {
            case SessionState.Service service -> service.identity();
            case SessionState.ServiceCookie cookie -> cookie.identity();
            case SessionState.Present p -> null;
            case SessionState.Stale s -> null;
            case SessionState.Pass p -> null;
            case SessionState.Absent a -> null;
            case SessionState.Expired e -> null;
            case SessionState.Rejected r -> null;
            case SessionState.BadServiceToken b -> null;
        };
    }

    private static String word(Permit permit) {
        return switch (permit.grounds()) {
            case IDENTITY -> "allowed";
            case SERVICE -> "service";
            case BYPASS -> "bypassed";
        };
    }
}
