package io.sallyport.session;

import io.sallyport.identity.ServiceIdentity;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Determines who sends a request from its header fields, cookies and the snapshot. No I/O, so it may run on an event
 * loop.
 *
 * <p>Service-token credentials come first. In strict mode only they count: a cookie sent along is ignored, and
 * credentials that do not authenticate are {@link SessionState.BadServiceToken} (ST-02). In non-strict mode credentials
 * that do not authenticate are ignored, so a session cookie beside them counts. Credentials that are doubled or
 * incomplete are refused in both modes (ST-03).
 *
 * <p>Without credentials every token in cookies and in Cf-Access-Token is judged for this application; those that do
 * not verify for it are ignored, so that cookies planted by a sibling host lock nobody out; if more than one different
 * token verifies, none is used (CS-04).
 */
public final class SessionReader {
    private final PassReader passes = new PassReader();
    private final @Nullable WorkloadTokens workloads;

    /** A reader without workload identities. */
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

    /** The cached token for the origin for a person with an app pass; null when one has to be signed. No I/O. */
    public @Nullable String knownAssertion(Snapshot snapshot, SessionState.Pass pass, Instant now) {
        return passes.known(snapshot, pass, now);
    }

    /** Signs such a token. That takes a millisecond of CPU time, so it must not be called on an event loop. */
    public String signAssertion(Snapshot snapshot, Application application, SessionState.Pass pass, Instant now) {
        return passes.sign(snapshot, application, pass, now);
    }

    /** A token that names a registered issuer is a workload's: it authenticates, or the request is refused. */
    private Optional<SessionState> workload(
            Snapshot snapshot, Application application, List<String> tokens, Instant now) {
        if (workloads == null || tokens.isEmpty()) {
            return Optional.empty();
        }
        if (tokens.size() == 1 && WorkloadTokens.isExchanged(snapshot, tokens.getFirst())) {
            SessionState state = new TokenJudge(snapshot, application, Presented.NOTHING, now).judge(tokens.getFirst());
            return Optional.of(state instanceof SessionState.Service ? state : TokenJudge.NOT_EXCHANGED);
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
            case SessionState.Present _, SessionState.Stale _, SessionState.ServiceCookie _ -> session;
            case SessionState.Pass _,
                    SessionState.Service _,
                    SessionState.Absent _,
                    SessionState.Expired _,
                    SessionState.Rejected _,
                    SessionState.BadServiceToken _ -> bad;
        };
    }

    /**
     * An app pass in a cookie counts only without any other credential: beside a person's session it was planted by a
     * sibling host or is a leftover (CS-04).
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
        List<String> cookies = presented.tokens().cookies();
        List<String> headers = presented.tokens().headers();
        int count = cookies.size() + headers.size();
        if (count == 0) {
            return new SessionState.Absent();
        }
        TokenJudge judge = new TokenJudge(snapshot, application, presented, now);
        if (count == 1) {
            return judge.judge(cookies.isEmpty() ? headers.getFirst() : cookies.getFirst());
        }
        Set<String> different = new LinkedHashSet<>(cookies);
        different.addAll(headers);
        return oneOf(different.stream().map(judge::judge).toList());
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
}
