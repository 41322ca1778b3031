package io.sallyport.control;

import static org.springframework.web.reactive.function.server.RequestPredicates.GET;
import static org.springframework.web.reactive.function.server.RequestPredicates.POST;

import io.sallyport.http.ClientAddress;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.http.TransferHost;
import io.sallyport.session.LongPolls;
import io.sallyport.session.WrongCredentials;
import io.sallyport.web.Branding;
import io.sallyport.web.CertificateView;
import io.sallyport.web.Notice;
import io.sallyport.web.OffLoop;
import io.sallyport.web.Page;
import io.sallyport.web.Pages;
import io.sallyport.web.SecurityHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The pages of {@code tunnel login} on the console's host: an admin shows an API token,
 * compares a code, and approves; the waiting command fetches its cert.pem, ours here and stock cloudflared at {@link TransferHost}.
 * Without a waiting command the certificate is a download.
 * There are no cookies, so no other site can make a browser approve anything.
 */
final class TunnelLoginRoutes {
    private static final String PAGE = "/argotunnel";
    private static final Branding PLAIN = new Branding("", null, null, null, null, null);

    /** Callers do not pause between asking, so the answer "not yet" is held back. */
    private static final Duration HELD = Duration.ofSeconds(50);

    private static final Duration LOOKED_FOR_EVERY = Duration.ofSeconds(1);
    private static final int WAITING_AT_ONCE = 64;
    static final int OF_ONE_SOURCE = 16;

    private final TunnelCertificates certificates;
    private final AdminTokens tokens;
    private final WrongCredentials wrong;
    private final Pages pages;
    private final Scheduler blocking;
    private final LongPolls polls = new LongPolls(WAITING_AT_ONCE, OF_ONE_SOURCE);

    TunnelLoginRoutes(
            TunnelCertificates certificates,
            AdminTokens tokens,
            WrongCredentials wrong,
            Pages pages,
            Scheduler blocking) {
        this.certificates = certificates;
        this.tokens = tokens;
        this.wrong = wrong;
        this.pages = pages;
        this.blocking = blocking;
    }

    RouterFunction<ServerResponse> routes() {
        RequestPredicate console = request -> context(request).face() == Face.CONSOLE;
        return RouterFunctions.route()
                .route(console.and(GET(PAGE)), this::ask)
                .route(console.and(POST(PAGE)), this::approve)
                .route(console.and(GET(PAGE + "/{key}")), this::fetch)
                .route(GET("/{key}").and(TunnelLoginRoutes::isStockPoll), this::fetch)
                .build();
    }

    private Mono<ServerResponse> ask(ServerRequest request) {
        Optional<String> callback = request.queryParam("callback").filter(text -> !text.isEmpty());
        Optional<String> key = callback.map(TunnelLoginRoutes::lastSegment);
        if (key.isPresent() && !TunnelCertificates.isKey(key.get())) {
            return form(request, null, "This address is not one that tunnel login has printed. Open it whole.");
        }
        return form(request, key.orElse(null), null);
    }

    private Mono<ServerResponse> approve(ServerRequest request) {
        return request.formData()
                .flatMap(form -> OffLoop.call(blocking, () -> approved(request, form)))
                .flatMap(answer -> answer);
    }

    private Mono<ServerResponse> approved(ServerRequest request, MultiValueMap<String, String> form) {
        String key = form.getFirst("key");
        Optional<String> waiting = Optional.ofNullable(key).filter(TunnelCertificates::isKey);
        RequestContext context = context(request);
        Optional<AdminTokens.Holder> holder;
        try {
            holder = holder(form, context);
        } catch (WrongCredentials.TooMany tooMany) {
            return tooMany(request, waiting.orElse(null));
        }
        if (holder.isEmpty()) {
            return form(request, waiting.orElse(null), "This token is not valid.");
        }
        AdminCall call =
                new AdminCall(holder.get(), context.client().getHostAddress(), context.ray(), Optional.empty());
        if (waiting.filter(certificates::isKept).isPresent()) {
            return approved(request); // a button pressed twice makes no second token
        }
        try {
            String pem = certificates.issue(
                    call,
                    context.origin() + ApiPaths.ROOT,
                    context.target().host().toString());
            if (waiting.isEmpty()) {
                return download(request, pem);
            }
            certificates.keep(waiting.get(), pem);
        } catch (ApiProblem refused) {
            String why = refused.status().value() == 409
                    ? "This login was approved already."
                    : "This token may not make other tokens.";
            return form(request, waiting.orElse(null), why);
        }
        return approved(request);
    }

    private Mono<ServerResponse> approved(ServerRequest request) {
        return page(
                request,
                pages.notice(
                        PLAIN,
                        new Notice(
                                "Approved",
                                "The command that waits has its certificate in a moment. You may close this window.",
                                null,
                                List.of())));
    }

    private Optional<AdminTokens.Holder> holder(MultiValueMap<String, String> form, RequestContext context)
            throws WrongCredentials.TooMany {
        String token = form.getFirst("token");
        return token == null || token.isBlank()
                ? Optional.empty()
                : wrong.check(AdminDoor.METERED_AS, context.client(), token.strip(), tokens::holderOf);
    }

    private Mono<ServerResponse> tooMany(ServerRequest request, @Nullable String key) {
        String error = "Too many wrong tokens came from your network. Wait a minute, then try again.";
        Page page = pages.certificate(PLAIN, view(key, error));
        return page(
                request,
                new Page(429, page.html(), page.contentSecurityPolicy()),
                headers -> headers.set("Retry-After", String.valueOf(WrongCredentials.WAIT.toSeconds())));
    }

    private Mono<ServerResponse> form(ServerRequest request, @Nullable String key, @Nullable String error) {
        return page(request, pages.certificate(PLAIN, view(key, error)));
    }

    private static CertificateView view(@Nullable String key, @Nullable String error) {
        return new CertificateView(PAGE, key, key == null ? null : TunnelCertificates.code(key), error);
    }

    private static Mono<ServerResponse> page(ServerRequest request, Page page) {
        return page(request, page, headers -> {});
    }

    private static Mono<ServerResponse> page(ServerRequest request, Page page, Consumer<HttpHeaders> more) {
        return ServerResponse.status(page.status())
                .headers(headers ->
                        SecurityHeaders.write(headers, page, context(request).secure()))
                .headers(more)
                .contentType(MediaType.parseMediaType("text/html;charset=utf-8"))
                .bodyValue(page.html());
    }

    private static Mono<ServerResponse> download(ServerRequest request, String pem) {
        return pem(request, pem, "attachment; filename=\"cert.pem\"");
    }

    private static Mono<ServerResponse> pem(ServerRequest request, String pem, String disposition) {
        return ServerResponse.ok()
                .headers(headers ->
                        SecurityHeaders.write(headers, context(request).secure()))
                .header("Content-Disposition", disposition)
                .contentType(MediaType.parseMediaType("application/x-pem-file"))
                .bodyValue(pem);
    }

    /** Stock cloudflared waits at a host and a path that no option of it changes. */
    private static boolean isStockPoll(ServerRequest request) {
        return TransferHost.is(context(request).target().host())
                && TunnelCertificates.isKey(lastSegment(request.path()));
    }

    private Mono<ServerResponse> fetch(ServerRequest request) {
        String key = request.pathVariable("key");
        if (!TunnelCertificates.isKey(key)) {
            return ServerResponse.notFound().build();
        }
        Optional<LongPolls.Place> place =
                polls.enter(ClientAddress.source(context(request).client()));
        return place.map(held -> held(request, key, held))
                .orElseGet(() ->
                        ServerResponse.status(429).header("Retry-After", "5").build());
    }

    private Mono<ServerResponse> held(ServerRequest request, String key, LongPolls.Place place) {
        return OffLoop.call(blocking, () -> certificates.take(key))
                .flatMap(Mono::justOrEmpty)
                .repeatWhenEmpty(again -> again.take(HELD.dividedBy(LOOKED_FOR_EVERY))
                        .takeWhile(_ -> !place.isCalledOff())
                        .delayElements(LOOKED_FOR_EVERY))
                .flatMap(pem -> pem(request, pem, "inline"))
                .switchIfEmpty(Mono.defer(() -> ServerResponse.notFound().build()))
                .doFinally(end -> place.close());
    }

    private static String lastSegment(String callback) {
        return callback.substring(callback.lastIndexOf('/') + 1);
    }

    /** The port of the probes finds these routes too. It has no hosts, and nothing but probes: no route behind these is asked. */
    private static RequestContext context(ServerRequest request) {
        RequestContext context = request.exchange().getAttribute(RequestContext.ATTRIBUTE);
        if (context == null) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        return context;
    }
}
