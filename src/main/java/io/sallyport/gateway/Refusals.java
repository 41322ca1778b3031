package io.sallyport.gateway;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.RequestTarget;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Reason;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.CustomPage;
import io.sallyport.snapshot.Settings;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.web.Action;
import io.sallyport.web.Answers;
import io.sallyport.web.Branding;
import io.sallyport.web.Pages;
import io.sallyport.web.Problem;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The gateway's refusals, each with its status, its text for the visitor and its reason for the log. */
final class Refusals {
    private static final Words NOT_READY = new Words(
            503,
            "unavailable",
            "Not available right now",
            "The gate cannot confirm who may come in at this moment. Try again in a little while.");
    private static final Words OVERLOADED = new Words(
            503,
            "overloaded",
            "Too busy right now",
            "The gate has no memory left for another request until some of those under way have ended. Try again in a little while.");
    private static final Words NO_SUCH_HOST =
            new Words(404, "no_such_host", "Nothing here", "No application is published at this address.");
    private static final Words AMBIGUOUS = new Words(
            400,
            "bad_request",
            "Bad request",
            "This address could be read as one of another application, so it was not passed on. Spell it as the application does.");
    private static final Words NO_APPLICATION = new Words(
            403, "no_application", "Not allowed", "No application protects this address, so nobody is let through.");
    private static final Words NO_ORIGIN = new Words(
            502,
            "no_origin",
            "Nothing behind this address",
            "You are allowed in, but no origin is configured for this address. Tell its administrator.");
    private static final Words UNAUTHORIZED =
            new Words(401, "unauthorized", "Sign-in needed", "This request carries no valid session or service token.");
    private static final Words TOO_MANY_FAILURES = new Words(
            429,
            "too_many_failures",
            "Too many wrong credentials",
            "Wait a minute, then try again with the right one.");

    private final Answers answers;

    Refusals(Answers answers) {
        this.answers = answers;
    }

    /**
     * What the visitor reads.
     *
     * @param code stable word, for programs
     */
    private record Words(int status, String code, String title, String message) {
        Problem problem(ServerWebExchange exchange, @Nullable String detail) {
            return new Problem(
                    status, code, title, message, AccessRecord.of(exchange).ray(), detail);
        }
    }

    /** There is no snapshot yet, or it is too old (FC-02, FC-03). */
    Mono<Void> notReady(ServerWebExchange exchange, @Nullable Snapshot snapshot) {
        exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, "5");
        return refuse(exchange, snapshot, "unavailable", "configuration_stale", NOT_READY);
    }

    /** The remaining memory is needed for requests that are running already (DO-06). */
    Mono<Void> overloaded(ServerWebExchange exchange, Snapshot snapshot) {
        exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, "5");
        return refuse(exchange, snapshot, "unavailable", "heap_full", OVERLOADED);
    }

    /** Neither an application nor an origin: the same page for everyone. */
    Mono<Void> noSuchHost(ServerWebExchange exchange, Snapshot snapshot) {
        return refuse(exchange, snapshot, "rejected", "no_such_host", NO_SUCH_HOST);
    }

    /** A path that an origin could take for one of another application (PN-02). */
    Mono<Void> ambiguous(ServerWebExchange exchange, Snapshot snapshot) {
        return refuse(exchange, snapshot, "rejected", "ambiguous_path", AMBIGUOUS);
    }

    /** The host has an origin but no application, and the organisation denies such requests. */
    Mono<Void> unmatched(ServerWebExchange exchange, Snapshot snapshot) {
        return refuse(exchange, snapshot, "denied", "no_application", NO_APPLICATION);
    }

    /** The request is admitted, but no origin is configured. */
    Mono<Void> noOrigin(ServerWebExchange exchange, Snapshot snapshot) {
        AccessRecord.of(exchange).failure("no_origin");
        return answers.problem(exchange, NO_ORIGIN.problem(exchange, null), branding(snapshot.settings()));
    }

    /**
     * Refused by policy: our page, or where the admin sends such visitors.
     * A program in strict mode gets a plain 403, never a redirect (ST-02).
     */
    Mono<Void> denied(ServerWebExchange exchange, Standing standing, Decision.Denied denied, @Nullable String who) {
        AccessExchange access = standing.access();
        Application application = standing.application();
        boolean strictlyService = standing.strictlyService();
        AccessRecord record = AccessRecord.of(exchange);
        String code = denied.reason().code().word();
        record.outcome("denied", code);
        record.policy(denied.reason().policyName());
        boolean identity = denied.identityBased();
        if (!identity
                && !strictlyService
                && application.serviceAuth401Redirect()
                && application.policy().hasServiceAuth()) {
            return unauthorized(exchange, access, code);
        }
        Application.DenySettings deny = application.deny();
        String elsewhere = identity ? deny.identityUrl() : deny.nonIdentityUrl();
        if (elsewhere != null && !elsewhere.isEmpty() && !strictlyService && !answers.isBackground(exchange)) {
            return answers.redirect(exchange, elsewhere);
        }
        String message = message(deny, identity, denied.reason().code());
        CustomPage custom = identity ? deny.identityPage() : deny.nonIdentityPage();
        if (custom != null && answers.wantsPage(exchange.getRequest().getHeaders())) {
            Map<String, String> values = values(exchange, access, application, denied, who, message);
            return answers.page(exchange, Pages.customWithScripts(403, custom.html(values)));
        }
        String why = explanation(denied.reason().code()) + " (" + code + ")";
        String detail = who == null ? why : "Signed in as " + who + ". " + why;
        Words words = new Words(403, identity ? "identity_denied" : "forbidden", "Access denied", message);
        return answers.problem(
                exchange,
                words.problem(exchange, detail),
                branding(access.snapshot().settings()),
                who != null && identity ? List.of(anotherAccount(access, application)) : List.of());
    }

    /** The admin's own text, or a default that says what to do. */
    private static String message(Application.DenySettings deny, boolean identity, Reason.Code code) {
        String message = deny.message();
        if (message != null && !message.isEmpty()) {
            return message;
        }
        if (code == Reason.Code.NO_POLICIES) {
            return "Its administrator has not said yet who may open it.";
        }
        return identity
                ? "You are signed in, but this application does not let you in. If that is wrong, ask your administrator."
                : "Whoever you are, this application does not let you in from here: it goes by networks, places or certificates."
                        + " If that is wrong, ask your administrator.";
    }

    /** The values for a custom page's template; their names are {@link CustomPage#REFUSAL_NAMES}. */
    private static Map<String, String> values(
            ServerWebExchange exchange,
            AccessExchange access,
            Application application,
            Decision.Denied denied,
            @Nullable String who,
            String message) {
        Map<String, String> values = new HashMap<>();
        values.put("app_name", application.name());
        values.put("organization_name", access.snapshot().settings().organizationName());
        values.put("host", access.context().target().host().value());
        values.put("message", message);
        values.put("reason", explanation(denied.reason().code()));
        values.put("reason_code", denied.reason().code().word());
        values.put("ray_id", AccessRecord.of(exchange).ray());
        if (who != null && denied.identityBased()) {
            values.put("email", who);
            values.put(
                    "another_account_url", anotherAccount(access, application).href());
        }
        return values;
    }

    /** A link to the login that ignores the present session, and returns to the page that the visitor wanted. */
    private static Action anotherAccount(AccessExchange access, Application application) {
        RequestTarget target = access.context().target();
        return new Action(
                "Use another account",
                access.snapshot().settings().issuer() + AccessHeaders.RESERVED_PATH + "login/"
                        + target.host().value() + "?kid=" + application.audience() + "&redirect_url="
                        + URLEncoder.encode(target.path(), StandardCharsets.UTF_8) + "&fresh=1");
    }

    /** The reason as told to the visitor. The policy's name is only in the log, under the ray id. */
    private static String explanation(Reason.Code code) {
        return switch (code) {
            case NO_POLICIES -> "Nobody has been given access to this application yet.";
            case NO_POLICY_MATCHED -> "None of its policies matches you.";
            case DENIED_BY_POLICY -> "One of its policies refuses you.";
            case LOGIN_REQUIRED -> "It needs to know who you are.";
            case ALLOWED_BY_POLICY, SERVICE_AUTH_BY_POLICY, BYPASSED_BY_POLICY ->
                throw new IllegalArgumentException("a refusal for the reason of a permit: " + code);
        };
    }

    /** Refused because of the request itself, such as a foreign Origin. */
    Mono<Void> forbidden(ServerWebExchange exchange, AccessExchange access, String reason, String message) {
        return refuse(
                exchange, access.snapshot(), "denied", reason, new Words(403, "forbidden", "Access denied", message));
    }

    /** 401 for callers that cannot follow a login redirect (CS-12). */
    Mono<Void> unauthorized(ServerWebExchange exchange, AccessExchange access, String reason) {
        return refuse(exchange, access.snapshot(), "denied", reason, UNAUTHORIZED);
    }

    /** 429 for a source that keeps presenting wrong credentials. */
    Mono<Void> tooManyFailures(ServerWebExchange exchange, AccessExchange access) {
        exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, "60");
        return refuse(exchange, access.snapshot(), "denied", "too_many_failures", TOO_MANY_FAILURES);
    }

    private Mono<Void> refuse(
            ServerWebExchange exchange, @Nullable Snapshot snapshot, String outcome, String reason, Words words) {
        AccessRecord.of(exchange).outcome(outcome, reason);
        return answers.problem(
                exchange, words.problem(exchange, null), snapshot == null ? null : branding(snapshot.settings()));
    }

    static Branding branding(Settings settings) {
        Settings.LoginDesign design = settings.loginDesign();
        return new Branding(
                settings.organizationName(),
                design.backgroundColor(),
                design.textColor(),
                design.logoUrl(),
                design.headerText(),
                design.footerText());
    }
}
