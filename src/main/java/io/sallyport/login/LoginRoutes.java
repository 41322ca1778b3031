package io.sallyport.login;

import static org.springframework.web.reactive.function.server.RequestPredicates.GET;
import static org.springframework.web.reactive.function.server.RequestPredicates.HEAD;
import static org.springframework.web.reactive.function.server.RequestPredicates.POST;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.ClientAddress;
import io.sallyport.http.CookieHeader;
import io.sallyport.http.Countries;
import io.sallyport.http.HostName;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.mtls.Demand;
import io.sallyport.mtls.Shown;
import io.sallyport.mtls.Verdict;
import io.sallyport.session.PassLinks;
import io.sallyport.session.SourceLimits;
import io.sallyport.session.WaitingRoom;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.web.OffLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.transaction.TransactionException;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The URL map of spec/access-semantics.md §7.1, by face: what is ours on the team domain, what is ours on application hosts, and
 * that the rest of the reserved path is nobody's anywhere (PN-05). The only reactive class of the package: it reads the request
 * whole, reads the snapshot once, and runs the step on a virtual thread.
 */
final class LoginRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(LoginRoutes.class);
    private static final String OURS = AccessHeaders.RESERVED_PATH;
    static final Duration SLOWEST_FORM = Duration.ofSeconds(10);
    private static final int AT_ONCE = 512;
    private static final int APART_AT_ONCE = 64;
    static final int APART_OF_ONE_SOURCE = 16;

    private final SnapshotHolder snapshots;
    private final InstantSource clock;
    private final Countries countries;
    private final ClientCertificates certificates;
    private final Replies replies;
    private final SourceLimits limits;
    private final Scheduler blocking;
    private final Semaphore room = new Semaphore(AT_ONCE);

    LoginRoutes(
            SnapshotHolder snapshots,
            InstantSource clock,
            Countries countries,
            ClientCertificates certificates,
            Replies replies,
            SourceLimits limits,
            Scheduler blocking) {
        this.snapshots = snapshots;
        this.clock = clock;
        this.countries = countries;
        this.certificates = certificates;
        this.replies = replies;
        this.limits = limits;
        this.blocking = blocking;
    }

    /** One page of the flow: a blocking function. */
    @FunctionalInterface
    interface Step {
        /** Answers, or fails in a way {@link LoginRoutes} turns into a page. */
        Reply answer(Visit visit) throws ProviderFailure;
    }

    /** The steps the routes lead to. */
    record Steps(
            Login login,
            PinLogin pin,
            Callback callback,
            Authorized authorized,
            HostTour tour,
            Logout logout,
            IdentityEndpoint identity,
            BackchannelLogout backchannel,
            SamlEndpoints saml,
            KeyEndpoints keys,
            CliLogin cli,
            PassLink passes,
            TokenExchange exchange) {}

    /** The map. */
    RouterFunction<ServerResponse> routes(Steps steps) {
        RequestPredicate team = face(Face.TEAM);
        RequestPredicate application = face(Face.APPLICATION);
        return RouterFunctions.route()
                .route(team.and(read("/.well-known/openid-configuration")), run(steps.keys()::discovery))
                .route(team.and(read("/.well-known/oauth-authorization-server")), run(steps.exchange()::metadata))
                .route(team.and(POST(TokenExchange.PATH)), limited(apart(steps.exchange()::exchange)))
                .route(team.and(read(OURS + "certs")), run(steps.keys()::certs))
                .route(
                        team.and(read(OURS + "login/{host}")),
                        limited(visit -> CliLogin.named(visit, steps.login().open(visit))))
                .route(team.and(read(OURS + "callback")), limited(steps.callback()::receive))
                .route(team.and(POST(OURS + "callback")), posted(steps.saml()::receive))
                .route(team.and(read(OURS + "saml-metadata")), run(steps.saml()::metadata))
                .route(team.and(read(OURS + "{idp}/saml-metadata")), run(steps.saml()::providerMetadata))
                .route(team.and(POST(OURS + "pin/send")), limited(steps.pin()::send))
                .route(team.and(GET(OURS + "pin")), limited(steps.pin()::ask))
                .route(team.and(POST(OURS + "pin")), limited(steps.pin()::enter))
                .route(team.and(GET(CliLogin.PATH)), limited(steps.cli()::ask))
                .route(team.and(POST(CliLogin.PATH)), limited(steps.cli()::approve))
                .route(team.and(GET(CliLogin.TRANSFER + "{key}")), limited(steps.cli()::pickUp))
                .route(team.and(read(OURS + "logout")), run(steps.logout()::leave))
                .route(team.and(POST(OURS + "backchannel-logout/{idp}")), run(apart(steps.backchannel()::receive)))
                .route(team.and(read(OURS + "get-identity")), run(steps.identity()::tell))
                .route(
                        application.and(read(OURS + "certs")),
                        run(visit -> isKnown(visit) ? steps.keys().certs(visit) : nothingHere(visit)))
                .route(application.and(read(Authorized.PATH)), limited(steps.authorized()::receive))
                .route(application.and(read(HostTour.PATH)), limited(steps.tour()::pass))
                .route(team.and(read(HostTour.PATH)), limited(steps.tour()::turn))
                .route(application.and(GET(PassLinks.PATH)), limited(steps.passes()::receive))
                .route(application.and(GET(CliLogin.PATH)), limited(steps.cli()::arrive))
                .route(application.and(read(OURS + "logout")), run(steps.logout()::leave))
                .route(application.and(read(OURS + "get-identity")), run(steps.identity()::tell))
                .route(team.or(LoginRoutes::isReserved), run(this::nothingHere))
                .build();
    }

    private HandlerFunction<ServerResponse> run(Step step) {
        return request -> run(step, visit(request, form(request)));
    }

    /** What a provider posts may be larger than a form a person fills in. */
    private HandlerFunction<ServerResponse> posted(Step step) {
        return admitted(request -> run(step, visit(request, PostedForm.read(request, SLOWEST_FORM)))
                .onErrorResume(DataBufferLimitException.class, _ -> run(this::tooLarge, visit(request, nothing()))));
    }

    private Mono<ServerResponse> run(Step step, Mono<Visit> arriving) {
        return arriving.flatMap(
                visit -> OffLoop.call(blocking, () -> answer(step, visit)).flatMap(LoginRoutes::write));
    }

    private HandlerFunction<ServerResponse> limited(Step step) {
        return admitted(run(step));
    }

    /** Looked at before anything of a body is read: whoever asks too often does not get to fill forms on our side (DO-04). */
    private HandlerFunction<ServerResponse> admitted(HandlerFunction<ServerResponse> handler) {
        return request -> limits.admits(context(request).client())
                ? handler.handle(request)
                : run(this::tooMany, visit(request, nothing()));
    }

    /**
     * What waits for another server because a stranger says so, such as for the keys of whom a token claims to be from, has a few
     * places of its own and takes none from people who sign in (DO-05); and one source has only some of these (DO-04).
     */
    private Step apart(Step step) {
        WaitingRoom places = new WaitingRoom(APART_AT_ONCE, APART_OF_ONE_SOURCE);
        return visit -> {
            String source = ClientAddress.source(visit.context().client());
            if (!places.enter(source)) {
                return unavailable(visit);
            }
            try {
                return step.answer(visit);
            } finally {
                places.leave(source);
            }
        };
    }

    private Mono<Visit> visit(ServerRequest request, Mono<MultiValueMap<String, String>> posted) {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null) {
            return Mono.error(new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE));
        }
        RequestContext context = context(request);
        HttpHeaders headers = request.headers().asHttpHeaders();
        Instant now = clock.instant();
        return posted.zipWith(
                certificate(request, snapshot, context, now),
                (form, holder) -> new Visit(
                        context,
                        snapshot,
                        now,
                        countries.of(context.client()),
                        holder.orElse(null),
                        headers,
                        CookieHeader.parse(headers.getOrEmpty(HttpHeaders.COOKIE)),
                        request.queryParams(),
                        form));
    }

    /** Whose client certificate the request was made with; worked out elsewhere when the chain was not seen before. */
    private Mono<Optional<CertificateIdentity>> certificate(
            ServerRequest request, Snapshot snapshot, RequestContext context, Instant now) {
        Demand demand = snapshot.demands().of(context.target().host());
        Shown shown = (Shown) request.attribute(Shown.class.getName()).orElse(Shown.NOTHING);
        Verdict known = certificates.known(demand, shown, now);
        Mono<Verdict> verdict = known != null
                ? Mono.just(known)
                : OffLoop.call(blocking, () -> certificates.verify(demand, shown, now));
        return verdict.map(each -> Optional.ofNullable(each.holder()));
    }

    /** Bounded by the codec's size limit and by time: a form that trickles in is no form. */
    private static Mono<MultiValueMap<String, String>> form(ServerRequest request) {
        if (!request.method().equals(HttpMethod.POST)) {
            return nothing();
        }
        return request.formData()
                .timeout(SLOWEST_FORM)
                .onErrorMap(failure -> new ResponseStatusException(HttpStatus.BAD_REQUEST, null, failure));
    }

    private static Mono<MultiValueMap<String, String>> nothing() {
        return Mono.just(new LinkedMultiValueMap<>());
    }

    private Reply answer(Step step, Visit visit) {
        if (!room.tryAcquire()) {
            return unavailable(visit);
        }
        try {
            return step.answer(visit);
        } catch (ProviderFailure failure) {
            LOG.warn(
                    "a login could not begin: {}: {} (ray {})",
                    failure.code(),
                    Callback.shorten(String.valueOf(failure.getMessage())),
                    visit.context().ray());
            return replies.problem(
                    visit,
                    502,
                    failure.code(),
                    "Sign-in is not possible just now",
                    Callback.shorten(String.valueOf(failure.getMessage())),
                    List.of());
        } catch (DataAccessException | TransactionException databaseDown) {
            LOG.warn(
                    "the database does not answer: {} (ray {})",
                    databaseDown.getClass(),
                    visit.context().ray());
            return unavailable(visit);
        } finally {
            room.release();
        }
    }

    /** New logins need the database; who is signed in does not (FC-01). */
    private Reply unavailable(Visit visit) {
        Reply reply = replies.problem(
                visit,
                503,
                "unavailable",
                "Sign-in is not possible just now",
                "Try again in a little while. Who is already signed in is not affected.",
                List.of());
        reply.headers().set(HttpHeaders.RETRY_AFTER, "5");
        return reply;
    }

    private Reply tooMany(Visit visit) {
        Reply reply = replies.problem(
                visit,
                429,
                "too_many_requests",
                "Too many requests",
                "Your network asked for too many sign-ins. Wait a minute, then try again.",
                List.of());
        reply.headers().set(HttpHeaders.RETRY_AFTER, "60");
        return reply;
    }

    private Reply tooLarge(Visit visit) {
        return replies.problem(
                visit,
                413,
                "saml_too_large",
                "Sign-in did not work",
                "The provider's answer is larger than 256 KiB. Have it send fewer groups or attributes.",
                List.of());
    }

    private Reply nothingHere(Visit visit) {
        return replies.problem(visit, 404, "not_found", "Not found", "There is nothing at this address.", List.of());
    }

    private static Mono<ServerResponse> write(Reply reply) {
        ServerResponse.BodyBuilder response =
                ServerResponse.status(reply.status()).headers(headers -> headers.putAll(reply.headers()));
        return reply.body().length == 0 ? response.build() : response.bodyValue(reply.body());
    }

    private static boolean isKnown(Visit visit) {
        HostName host = visit.context().target().host();
        return visit.snapshot().applications().find(host, "/").isPresent()
                || visit.snapshot().applicationsById().values().stream()
                        .flatMap(application -> application.patterns().stream())
                        .anyMatch(pattern ->
                                pattern.literalHost().filter(host::equals).isPresent());
    }

    private static RequestPredicate read(String path) {
        return GET(path).or(HEAD(path));
    }

    private static RequestPredicate face(Face face) {
        return request -> request.exchange().getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                && context.face() == face;
    }

    private static boolean isReserved(ServerRequest request) {
        return request.exchange().getAttribute(RequestContext.ATTRIBUTE) instanceof RequestContext context
                && context.target().isReserved();
    }

    private static RequestContext context(ServerRequest request) {
        return Objects.requireNonNull(request.exchange().getAttribute(RequestContext.ATTRIBUTE));
    }
}
