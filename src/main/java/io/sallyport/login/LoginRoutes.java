package io.sallyport.login;

import static org.springframework.web.reactive.function.server.RequestPredicates.GET;
import static org.springframework.web.reactive.function.server.RequestPredicates.HEAD;
import static org.springframework.web.reactive.function.server.RequestPredicates.POST;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.HostName;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.session.PassLinks;
import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The routes below {@code /cdn-cgi/access/}, for the team domain and for application hosts. The rest of the reserved
 * path is 404 everywhere (PN-05).
 */
final class LoginRoutes {
    private static final String OURS = AccessHeaders.RESERVED_PATH;

    private final Visits visits;
    private final Replies replies;

    LoginRoutes(Visits visits, Replies replies) {
        this.visits = visits;
        this.replies = replies;
    }

    /** Handlers of signing in. */
    record SigningIn(
            Login login, PinLogin pin, Callback callback, SamlEndpoints saml, HostTour tour, Authorized authorized) {}

    /** Handlers for signed-in people and for signing out. */
    record SignedIn(IdentityEndpoint identity, PassLink passes, Logout logout, BackchannelLogout backchannel) {}

    /** Handlers for programs. */
    record Programs(KeyEndpoints keys, TokenExchange exchange, CliLogin cli) {}

    /** Builds the routes. */
    RouterFunction<ServerResponse> routes(SigningIn in, SignedIn signedIn, Programs programs) {
        RequestPredicate team = face(Face.TEAM);
        RequestPredicate application = face(Face.APPLICATION);
        return RouterFunctions.route()
                .route(team.and(read("/.well-known/openid-configuration")), visits.run(programs.keys()::discovery))
                .route(
                        team.and(read("/.well-known/oauth-authorization-server")),
                        visits.run(programs.exchange()::metadata))
                .route(team.and(POST(TokenExchange.PATH)), visits.limited(visits.apart(programs.exchange()::exchange)))
                .route(team.and(read(OURS + "certs")), visits.run(programs.keys()::certs))
                .route(
                        team.and(read(OURS + "login/{host}")),
                        visits.limited(visit -> CliLogin.named(visit, in.login().open(visit))))
                .route(team.and(read(OURS + "callback")), visits.limited(in.callback()::receive))
                .route(team.and(POST(OURS + "callback")), visits.posted(in.saml()::receive))
                .route(team.and(read(OURS + "saml-metadata")), visits.run(in.saml()::metadata))
                .route(team.and(read(OURS + "{idp}/saml-metadata")), visits.run(in.saml()::providerMetadata))
                .route(team.and(POST(OURS + "pin/send")), visits.limited(in.pin()::send))
                .route(team.and(GET(OURS + "pin")), visits.limited(in.pin()::ask))
                .route(team.and(POST(OURS + "pin")), visits.limited(in.pin()::enter))
                .route(team.and(GET(CliLogin.PATH)), visits.limited(programs.cli()::ask))
                .route(team.and(POST(CliLogin.PATH)), visits.limited(programs.cli()::approve))
                .route(team.and(GET(CliLogin.TRANSFER + "{key}")), visits.limited(programs.cli()::pickUp))
                .route(team.and(POST(OURS + "cert_sign")), visits.run(this::signsNothing))
                .route(team.and(read(OURS + "logout")), visits.run(signedIn.logout()::leave))
                .route(
                        team.and(POST(OURS + "backchannel-logout/{idp}")),
                        visits.run(visits.apart(signedIn.backchannel()::receive)))
                .route(team.and(read(OURS + "get-identity")), visits.run(signedIn.identity()::tell))
                .route(
                        application.and(read(OURS + "certs")),
                        visits.run(visit -> isKnown(visit) ? programs.keys().certs(visit) : nothingHere(visit)))
                .route(application.and(read(Authorized.PATH)), visits.limited(in.authorized()::receive))
                .route(application.and(read(HostTour.PATH)), visits.limited(in.tour()::pass))
                .route(team.and(read(HostTour.PATH)), visits.limited(in.tour()::turn))
                .route(application.and(GET(PassLinks.PATH)), visits.limited(signedIn.passes()::receive))
                .route(application.and(GET(CliLogin.PATH)), visits.limited(programs.cli()::arrive))
                .route(application.and(read(OURS + "logout")), visits.run(signedIn.logout()::leave))
                .route(application.and(read(OURS + "get-identity")), visits.run(signedIn.identity()::tell))
                .route(team.or(LoginRoutes::isReserved), visits.run(this::nothingHere))
                .build();
    }

    private Reply nothingHere(Visit visit) {
        return replies.problem(visit, 404, "not_found", "Not found", "There is nothing at this address.", List.of());
    }

    /** Refuses SSH certificates in the format that {@code access ssh-gen} reads. */
    private Reply signsNothing(Visit visit) {
        return replies.json(
                visit,
                404,
                Map.of(
                        "status",
                        404,
                        "message",
                        "this gate signs no SSH certificates; use a key of your own, through access ssh"));
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
}
