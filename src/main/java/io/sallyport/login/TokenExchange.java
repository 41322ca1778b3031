package io.sallyport.login;

import io.sallyport.decision.Decided.Outcome;
import io.sallyport.http.HostName;
import io.sallyport.identity.Audience;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.Decision;
import io.sallyport.policy.Decision.Permit;
import io.sallyport.policy.Subject;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.session.WorkloadTokens.Vouched;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.DiscoveryDocument;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /cdn-cgi/access/token} on the team domain: exchanges a token of a workload's issuer for a token for one
 * application, valid for ten minutes (RFC 8693). It is issued when a {@code non_identity} policy admits the workload,
 * and contains the issuer's claims, so that policies can decide again at every request.
 *
 * <p>The order of checks matters: the token is verified before the application is looked up, so that strangers learn
 * nothing about applications; and a token is marked as used only when the exchange succeeds.
 */
final class TokenExchange {
    /** Path, relative to the issuer. */
    static final String PATH = "/cdn-cgi/access/token";

    /** The only grant type. */
    static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";

    private static final Logger LOG = LoggerFactory.getLogger(TokenExchange.class);
    private static final String TYPE = "urn:ietf:params:oauth:token-type:";
    private static final Set<String> SUBJECT_TYPES = Set.of(TYPE + "jwt", TYPE + "id_token");
    private static final Set<String> REQUESTED_TYPES = Set.of(TYPE + "jwt", TYPE + "access_token");
    private static final Duration LIFE = Duration.ofMinutes(10);
    /**
     * Bytes of the longest token that we issue, as our own verifier limits it; the claims of real build systems need a
     * third of it.
     */
    private static final int LONGEST_ISSUED = 8 * 1024;
    /** Claims that are about the token itself and not about the workload. */
    private static final Set<String> OF_THE_TOKEN = Set.of("iss", "aud", "exp", "nbf", "iat", "jti");

    private final WorkloadTokens workloads;
    private final OneTimeUse once;
    private final Replies replies;
    private final LoginEvents events;

    TokenExchange(WorkloadTokens workloads, OneTimeUse once, Replies replies, LoginEvents events) {
        this.workloads = workloads;
        this.once = once;
        this.replies = replies;
        this.events = events;
    }

    /** Answers with a token, or with an error of RFC 6749 §5.2 and RFC 8693 §2.2.2. */
    Reply exchange(Visit visit) {
        Optional<String> doubled = visit.form().entrySet().stream()
                .filter(field -> field.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .findFirst();
        if (doubled.isPresent()) {
            return invalid(visit, "a parameter was sent more than once");
        }
        if (!visit.form("grant_type").filter(GRANT::equals).isPresent()) {
            return visit.form("grant_type").isEmpty()
                    ? invalid(visit, "grant_type is missing; send a form")
                    : refused(visit, "unsupported_grant_type", "the one grant_type here is " + GRANT);
        }
        if (visit.form("actor_token").isPresent()) {
            return invalid(visit, "actor_token is not supported");
        }
        if (!visit.form("subject_token_type").filter(SUBJECT_TYPES::contains).isPresent()) {
            return invalid(visit, "subject_token_type must be " + TYPE + "jwt or " + TYPE + "id_token");
        }
        String wanted = visit.form("requested_token_type").orElse(TYPE + "access_token");
        if (!REQUESTED_TYPES.contains(wanted)) {
            return invalid(visit, "requested_token_type must be " + TYPE + "access_token or " + TYPE + "jwt");
        }
        Optional<Vouched> vouched = visit.form("subject_token")
                .flatMap(token -> workloads.authenticate(visit.snapshot(), token, visit.now()));
        if (vouched.isEmpty()) {
            events.exchange("invalid_subject_token");
            LOG.warn("a workload token is invalid (ray {})", visit.context().ray());
            return invalid(visit, "subject_token is missing, or does not hold");
        }
        Optional<Application> application = visit.form("audience").flatMap(name -> application(visit.snapshot(), name));
        if (application.isEmpty()) {
            events.exchange("invalid_target");
            return refused(
                    visit, "invalid_target", "audience must be the audience tag or the host name of an application");
        }
        return decide(visit, application.get(), vouched.get(), wanted);
    }

    private Reply decide(Visit visit, Application application, Vouched vouched, String wanted) {
        ServiceIdentity workload = vouched.workload();
        AccessRequest asked =
                new AccessRequest(visit.context().client(), visit.country(), workload, null, new Subject.Anonymous());
        Decision decision = application.policy().decide(asked);
        if (!(decision instanceof Permit permit) || permit.grounds() != Permit.Grounds.SERVICE) {
            events.exchanged(visit, application, asked, decision, Outcome.DENIED, "workload_not_allowed");
            return invalid(
                    visit,
                    "no Service Auth policy of the application admits this workload; your administrator finds the reason by "
                            + visit.context().ray());
        }
        Instant ends = Instant.ofEpochSecond(visit.now().plus(LIFE).getEpochSecond());
        TokenClaims.Workload claims = new TokenClaims.Workload(
                application.audience(),
                workload.clientId(),
                vouched.issuer().id(),
                kept(Objects.requireNonNull(workload.claims())),
                visit.now(),
                ends);
        String compact = TokenIssuer.sign(
                visit.snapshot().keys(), visit.snapshot().settings().issuer(), claims);
        if (compact.length() > LONGEST_ISSUED) {
            events.exchange("too_many_claims");
            return invalid(visit, "subject_token holds more claims than fit into a token");
        }
        if (!firstUse(application, vouched, visit.form("subject_token").orElseThrow())) {
            events.exchanged(visit, application, asked, decision, Outcome.DENIED, "workload_token_replayed");
            return invalid(visit, "subject_token was exchanged for this application before; have a new one issued");
        }
        events.exchanged(visit, application, asked, decision, Outcome.ALLOWED, "workload_token_exchanged");
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("access_token", compact);
        answer.put("issued_token_type", wanted);
        answer.put("token_type", "Bearer");
        answer.put("expires_in", Duration.between(visit.now(), ends).toSeconds());
        return uncached(replies.json(visit, 200, answer));
    }

    /**
     * Whether this is the first exchange of a token for this application, on all replicas. A token is identified by its
     * {@code jti} or, if it has none, by its signed content.
     */
    private boolean firstUse(Application application, Vouched vouched, String token) {
        if (!vouched.issuer().singleUse()) {
            return true;
        }
        Object id = Objects.requireNonNull(vouched.workload().claims()).get("jti");
        String which = id == null || id.equals("") ? token.substring(0, token.lastIndexOf('.')) : id.toString();
        String use = "exchange/" + Seals.hash(vouched.issuer().id() + " " + application.id() + " " + which);
        return once.first(use, vouched.expiresAt().getEpochSecond() + 1);
    }

    /**
     * The claims that the new token keeps: no nested objects, which no rule can match, and no claims about the old
     * token itself.
     */
    private static Map<String, Object> kept(Map<String, Object> claims) {
        Map<String, Object> kept = new LinkedHashMap<>();
        claims.forEach((name, value) -> {
            if (!OF_THE_TOKEN.contains(name) && isPlain(value)) {
                kept.put(name, value);
            }
        });
        return kept;
    }

    private static boolean isPlain(@Nullable Object value) {
        return switch (value) {
            case String _, Number _, Boolean _ -> true;
            case Collection<?> several ->
                several.stream()
                        .allMatch(each -> each instanceof String || each instanceof Number || each instanceof Boolean);
            case null, default -> false;
        };
    }

    /** Finds an application by audience tag, by host name with or without a path, or by URL. */
    private static Optional<Application> application(Snapshot snapshot, String name) {
        try {
            Application tagged = snapshot.applicationsByAudience().get(new Audience(name));
            if (tagged != null) {
                return Optional.of(tagged);
            }
        } catch (IllegalArgumentException notATag) {
            // Not a URL: read as a host below.
        }
        return name.contains("://")
                ? Destination.named(snapshot, name).map(Destination.Resolved::application)
                : HostName.parse(name.replaceFirst("[:/].*", "")).isEmpty()
                        ? Optional.empty()
                        : Destination.named(snapshot, "https://" + name).map(Destination.Resolved::application);
    }

    private Reply invalid(Visit visit, String description) {
        return refused(visit, "invalid_request", description);
    }

    private Reply refused(Visit visit, String error, String description) {
        return uncached(replies.json(visit, 400, Map.of("error", error, "error_description", description)));
    }

    /** RFC 6749 §5.1. */
    private static Reply uncached(Reply reply) {
        reply.headers().setCacheControl("no-store");
        reply.headers().setPragma("no-cache");
        return reply;
    }

    /**
     * {@code /.well-known/oauth-authorization-server}: the metadata by which clients find this endpoint (RFC 8414).
     */
    Reply metadata(Visit visit) {
        String issuer = visit.snapshot().settings().issuer();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("issuer", issuer);
        document.put("token_endpoint", issuer + PATH);
        document.put("jwks_uri", issuer + DiscoveryDocument.CERTS_PATH);
        document.put("grant_types_supported", List.of(GRANT));
        document.put("response_types_supported", List.of("none"));
        document.put("token_endpoint_auth_methods_supported", List.of("none"));
        Reply reply = replies.json(visit, 200, document);
        reply.headers().setAccessControlAllowOrigin("*");
        return reply;
    }
}
