package io.sallyport.gateway;

import io.sallyport.decision.Decided.Outcome;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.session.SessionState;
import io.sallyport.web.Answers;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What each decision leads to: on to the origin with an {@link Admission}, to the login, or to a refusal that says why. */
final class Consequences {
    private final Admitting admitting;
    private final LoginRedirect login;
    private final Refusals refusals;
    private final Answers answers;
    private final DecisionNotes notes;
    private final PassFailures passFailures = new PassFailures();

    Consequences(Admitting admitting, LoginRedirect login, Refusals refusals, Answers answers, DecisionNotes notes) {
        this.admitting = admitting;
        this.login = login;
        this.refusals = refusals;
        this.answers = answers;
        this.notes = notes;
    }

    /** Acts on the decision. */
    Mono<Void> of(ServerWebExchange exchange, GatewayFilterChain chain, Standing standing) {
        Decision decision = standing.decision();
        boolean open = decision instanceof Permit permit && permit.grounds() == Permit.Grounds.BYPASS;
        notes.countReports(standing.application().policy(), standing.asked());
        if (standing.session() instanceof SessionState.BadServiceToken bad && !open) {
            return badCredentials(exchange, standing, bad);
        }
        return switch (decision) {
            case Permit permit -> admit(exchange, chain, standing, permit);
            case Decision.LoginRequired required -> signIn(exchange, standing, required);
            case Decision.Denied denied -> deny(exchange, standing, denied);
        };
    }

    /** Credentials that do not authenticate end the request, whatever came along with them (ST-02, ST-03). */
    private Mono<Void> badCredentials(ServerWebExchange exchange, Standing standing, SessionState.BadServiceToken bad) {
        notes.note(exchange, standing, Outcome.DENIED, "service_token_not_valid");
        if (bad.reason().equals(SessionState.BAD_PASS)) {
            PassChallenge.write(exchange.getResponse().getHeaders());
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
            notes.note(exchange, standing, Outcome.ALLOWED, code);
        }
        return admitting.admission(exchange, standing, permit).flatMap(admission -> {
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
            notes.note(exchange, standing, Outcome.DENIED, "service_token_not_allowed");
            return refusals.forbidden(
                    exchange, standing.access(), "service_token_not_allowed", "No policy admits this service token.");
        }
        notes.note(exchange, standing, Outcome.LOGIN_REQUIRED, code);
        if (standing.preflight()) {
            return refusals.forbidden(exchange, standing.access(), code, "A preflight carries no session.");
        }
        boolean program = standing.session().service() != null;
        boolean background = answers.isBackground(exchange) && !CommandLines.opensStream(EdgeRequest.of(exchange));
        boolean asked = PassChallenge.suits(standing.application(), exchange.getRequest(), background);
        if (asked) {
            PassChallenge.write(exchange.getResponse().getHeaders());
        }
        if (asked || background || (program && standing.application().serviceAuth401Redirect())) {
            return refusals.unauthorized(exchange, standing.access(), code);
        }
        AccessRecord.of(exchange).outcome("login", code);
        return login.send(exchange, standing, program);
    }

    private Mono<Void> deny(ServerWebExchange exchange, Standing standing, Decision.Denied denied) {
        notes.note(exchange, standing, Outcome.DENIED, denied.reason().code().word());
        String who = Admitting.who(standing.session(), standing.asked().certificate());
        if (who != null) {
            AccessRecord.of(exchange).identity(who);
        }
        return refusals.denied(exchange, standing, denied, who);
    }

    private static String word(Permit permit) {
        return switch (permit.grounds()) {
            case IDENTITY -> "allowed";
            case SERVICE -> "service";
            case BYPASS -> "bypassed";
        };
    }
}
