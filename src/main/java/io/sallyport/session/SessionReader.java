package io.sallyport.session;

import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.policy.FactSet;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenVerifier;
import io.sallyport.token.TokenVerifier.Verification;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads who is at the door from headers and cookies, the snapshot and arithmetic alone: no I/O, so it may run on an event loop.
 *
 * <p>Service-token credentials come first. In strict mode they alone speak: a cookie sent along is ignored, and credentials that do
 * not authenticate are {@link SessionState.BadServiceToken} (ST-02). In non-strict mode credentials that do not authenticate are as
 * good as none, so a session cookie beside them counts. Credentials that are doubled or incomplete are refused in both modes
 * (ST-03).
 *
 * <p>Without credentials every token in cookies and in Cf-Access-Token is judged for this application; those that do not verify for
 * it are ignored, so that junk planted by a sibling host locks nobody out, and if more than one different token verifies none is
 * used (CS-04).
 */
public final class SessionReader {
    /**
     * What a request presented.
     *
     * @param authorizationCookies every value of CF_Authorization, in order; several are judged by CS-04
     * @param bindingCookies every value of CF_Binding
     * @param accessTokenHeaders every value of Cf-Access-Token
     * @param clientIds every value of Cf-Access-Client-Id
     * @param clientSecrets every value of Cf-Access-Client-Secret
     * @param workloadTokens bearer tokens of registered issuers
     * @param passes app passes in any of their forms
     * @param singleHeader every value of the application's single service-token header; empty when it has none
     * @param certificate thumbprint of the verified client certificate; null when there is none
     */
    public record Presented(
            List<String> authorizationCookies,
            List<String> bindingCookies,
            List<String> accessTokenHeaders,
            List<String> clientIds,
            List<String> clientSecrets,
            List<String> singleHeader,
            PassCredentials passes,
            List<String> workloadTokens,
            @Nullable String certificate) {
        private static final Presented NOTHING =
                new Presented(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

        /** The same over another certificate. */
        public Presented over(@Nullable String thumbprint) {
            return new Presented(
                    authorizationCookies,
                    bindingCookies,
                    accessTokenHeaders,
                    clientIds,
                    clientSecrets,
                    singleHeader,
                    passes,
                    workloadTokens,
                    thumbprint);
        }

        /** Without any app pass or certificate. */
        public Presented(
                List<String> authorizationCookies,
                List<String> bindingCookies,
                List<String> accessTokenHeaders,
                List<String> clientIds,
                List<String> clientSecrets,
                List<String> singleHeader) {
            this(
                    authorizationCookies,
                    bindingCookies,
                    accessTokenHeaders,
                    clientIds,
                    clientSecrets,
                    singleHeader,
                    PassCredentials.NONE,
                    List.of(),
                    null);
        }
    }

    private static final SessionState.BadServiceToken NOT_EXCHANGED =
            new SessionState.BadServiceToken("exchanged workload token does not authenticate");

    private final PassReader passes = new PassReader();
    private final @Nullable WorkloadTokens workloads;

    /** A reader that knows no workloads. */
    public SessionReader() {
        this.workloads = null;
    }

    SessionReader(WorkloadTokens workloads) {
        this.workloads = workloads;
    }

    /** Judges what was presented for this application. */
    public SessionState read(Snapshot snapshot, Application application, Presented presented, Instant now) {
        return switch (ServiceCredentials.of(presented)) {
            case ServiceCredentials.None none ->
                passes.shown(snapshot, application, presented.passes(), now)
                        .or(() -> workload(snapshot, application, presented.workloadTokens(), now))
                        .orElseGet(() -> readCookies(snapshot, application, presented, now));
            case ServiceCredentials.Malformed malformed -> new SessionState.BadServiceToken(malformed.reason());
            case ServiceCredentials.Pair pair -> {
                Optional<ServiceIdentity> identity =
                        snapshot.serviceTokens().authenticate(pair.clientId(), pair.secret(), now);
                yield identity.isPresent()
                        ? new SessionState.Service(identity.get())
                        : withoutService(snapshot, application, presented, now);
            }
        };
    }

    /** The token an origin gets for a person by app pass, if there is one at hand: memory only. */
    public @Nullable String knownAssertion(Snapshot snapshot, SessionState.Pass pass, Instant now) {
        return passes.known(snapshot, pass, now);
    }

    /** Signs such a token: a millisecond of arithmetic, so not on an event loop. */
    public String signAssertion(Snapshot snapshot, Application application, SessionState.Pass pass, Instant now) {
        return passes.sign(snapshot, application, pass, now);
    }

    /** A token that names a registered issuer is a workload's: it authenticates, or the request ends here. */
    private Optional<SessionState> workload(
            Snapshot snapshot, Application application, List<String> tokens, Instant now) {
        if (workloads == null || tokens.isEmpty()) {
            return Optional.empty();
        }
        if (tokens.size() == 1 && WorkloadTokens.isExchanged(snapshot, tokens.getFirst())) {
            SessionState state = new Door(snapshot, application, Presented.NOTHING, now).judge(tokens.getFirst());
            return Optional.of(state instanceof SessionState.Service ? state : NOT_EXCHANGED);
        }
        return tokens.size() > 1
                ? Optional.of(new SessionState.BadServiceToken("several workload tokens"))
                : Optional.of(workloads
                        .known(snapshot, tokens.getFirst(), now)
                        .<SessionState>map(SessionState.Service::new)
                        .orElseGet(() -> new SessionState.BadServiceToken("workload token does not authenticate")));
    }

    private static SessionState withoutService(
            Snapshot snapshot, Application application, Presented presented, Instant now) {
        SessionState bad = new SessionState.BadServiceToken("service token does not authenticate");
        if (snapshot.settings().strictServiceTokens()) {
            return bad;
        }
        SessionState session = readTokens(snapshot, application, presented, now);
        return switch (session) {
            case SessionState.Present p -> session;
            case SessionState.Stale s -> session;
            case SessionState.ServiceCookie c -> session;
            case SessionState.Pass p -> bad;
            case SessionState.Service s -> bad;
            case SessionState.Absent a -> bad;
            case SessionState.Expired e -> bad;
            case SessionState.Rejected r -> bad;
            case SessionState.BadServiceToken b -> bad;
        };
    }

    /**
     * An app pass left as a cookie counts where nothing else does: beside a person's own session it was planted, or is forgotten
     * (CS-04).
     */
    private SessionState readCookies(Snapshot snapshot, Application application, Presented presented, Instant now) {
        SessionState session = readTokens(snapshot, application, presented, now);
        return session instanceof SessionState.Present
                        || session instanceof SessionState.Stale
                        || session instanceof SessionState.ServiceCookie
                        || presented.passes().cookies().isEmpty()
                ? session
                : passes.kept(snapshot, application, presented.passes(), now).orElse(session);
    }

    private static SessionState readTokens(
            Snapshot snapshot, Application application, Presented presented, Instant now) {
        int count = presented.authorizationCookies().size()
                + presented.accessTokenHeaders().size();
        if (count == 0) {
            return new SessionState.Absent();
        }
        Door door = new Door(snapshot, application, presented, now);
        if (count == 1) {
            return door.judge(
                    presented.authorizationCookies().isEmpty()
                            ? presented.accessTokenHeaders().getFirst()
                            : presented.authorizationCookies().getFirst());
        }
        Set<String> different = new LinkedHashSet<>(presented.authorizationCookies());
        different.addAll(presented.accessTokenHeaders());
        return oneOf(different.stream().map(door::judge).toList());
    }

    private static SessionState oneOf(List<SessionState> judged) {
        List<SessionState> verified = new ArrayList<>(1);
        SessionState rest = judged.getFirst();
        for (SessionState state : judged) {
            if (state instanceof SessionState.Expired || state instanceof SessionState.BadServiceToken) {
                rest = state;
            } else if (!(state instanceof SessionState.Rejected)) {
                verified.add(state);
            }
        }
        return switch (verified.size()) {
            case 0 -> rest;
            case 1 -> verified.getFirst();
            default -> new SessionState.Rejected("several different tokens verify");
        };
    }

    /** One application at one moment: judges one token at a time. */
    private record Door(Snapshot snapshot, Application application, Presented presented, Instant now) {
        SessionState judge(String compact) {
            Verification verification =
                    TokenVerifier.verify(snapshot.keys(), snapshot.settings().issuer(), compact, now);
            return switch (verification) {
                case Verification.Rejected rejected -> new SessionState.Rejected(rejected.reason());
                case Verification.Expired expired ->
                    isForUs(expired.claims())
                            ? expired.claims() instanceof TokenClaims.Workload
                                    ? NOT_EXCHANGED // a program has nothing to log in with
                                    : new SessionState.Expired()
                            : new SessionState.Rejected("a token for something else");
                case Verification.Verified verified ->
                    switch (verified.claims()) {
                        case TokenClaims.App app -> person(app, compact);
                        case TokenClaims.Service service -> program(service, compact);
                        case TokenClaims.Workload workload -> workload(workload);
                        case TokenClaims.Certificate c ->
                            new SessionState.Rejected("a certificate shows itself at every request");
                        case TokenClaims.Global g -> new SessionState.Rejected("the global token opens no application");
                        case TokenClaims.Meta m -> new SessionState.Rejected("a meta token is no session");
                        case TokenClaims.Match m -> new SessionState.Rejected("a match token is no session");
                        case TokenClaims.Evaluation e -> new SessionState.Rejected("an evaluation is no session");
                    };
            };
        }

        private boolean isForUs(TokenClaims claims) {
            return switch (claims) {
                case TokenClaims.App app -> app.audience().equals(application.audience());
                case TokenClaims.Service service -> service.audience().equals(application.audience());
                case TokenClaims.Workload workload -> workload.audience().equals(application.audience());
                case TokenClaims.Certificate c -> false;
                case TokenClaims.Global g -> false;
                case TokenClaims.Meta m -> false;
                case TokenClaims.Match m -> false;
                case TokenClaims.Evaluation e -> false;
            };
        }

        private SessionState person(TokenClaims.App claims, String compact) {
            if (!isForUs(claims)) {
                return new SessionState.Rejected("a token for another application");
            }
            if (snapshot.revocations().revoked(claims.subject(), claims.nonce(), claims.issuedAt())
                    || snapshot.revocations().revoked(application.id(), claims.issuedAt())) {
                return new SessionState.Rejected("revoked");
            }
            if (application.cookies().binding() && !isBound(claims.binding())) {
                return new SessionState.Rejected("not bound to this browser");
            }
            if (claims.certificate() != null && !claims.certificate().equals(presented.certificate())) {
                return new SessionState.Rejected("bound to a client certificate that is not shown");
            }
            Instant refreshed = snapshot.revocations().staleUsers().get(claims.subject());
            if (refreshed != null && claims.issuedAt().isBefore(refreshed)) {
                return new SessionState.Stale(claims);
            }
            Optional<FactSet.Captured> facts = application.policy().facts().decode(claims.facts());
            return facts.isPresent()
                    ? new SessionState.Present(claims, facts.get(), compact)
                    : new SessionState.Stale(claims);
        }

        /** Whether one of the CF_Binding values belongs to the token (CS-06). */
        private boolean isBound(@Nullable String binding) {
            if (binding == null) {
                return false;
            }
            byte[] expected = binding.getBytes(StandardCharsets.UTF_8);
            return presented.bindingCookies().stream()
                    .anyMatch(value -> MessageDigest.isEqual(
                            expected, SessionCookie.fingerprint(value).getBytes(StandardCharsets.UTF_8)));
        }

        /** Its issuer must still be registered, and the application's sessions not revoked since; the rest is the policies'. */
        private SessionState workload(TokenClaims.Workload claims) {
            if (!isForUs(claims)) {
                return new SessionState.Rejected("a token for another application");
            }
            if (snapshot.revocations().revoked(application.id(), claims.issuedAt())) {
                return new SessionState.Rejected("revoked");
            }
            return snapshot.workloads()
                    .byId(claims.issuer())
                    .<SessionState>map(issuer -> new SessionState.Service(new ServiceIdentity(
                            new ServiceTokenId(issuer.id()), claims.commonName(), issuer.name(), claims.claims())))
                    .orElseGet(() -> new SessionState.Rejected("nobody vouches for that workload any more"));
        }

        private SessionState program(TokenClaims.Service claims, String compact) {
            if (!isForUs(claims)) {
                return new SessionState.Rejected("a token for another application");
            }
            if (snapshot.settings().strictServiceTokens()) {
                return new SessionState.Rejected("strict mode: a service token shows itself at every request");
            }
            if (snapshot.revocations().revoked(application.id(), claims.issuedAt())
                    || snapshot.revocations().revokedService(claims.clientId(), claims.issuedAt())) {
                return new SessionState.Rejected("revoked");
            }
            ServiceTokens.Entry entry = snapshot.serviceTokens().byClientId().get(claims.clientId());
            return entry != null && entry.enabled() && now.isBefore(entry.expiresAt())
                    ? new SessionState.ServiceCookie(claims, entry.identity(), compact)
                    : new SessionState.Rejected("the service token behind it is gone, disabled or expired");
        }
    }
}
