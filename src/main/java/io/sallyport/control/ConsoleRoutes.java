package io.sallyport.control;

import static org.springframework.web.reactive.function.server.RequestPredicates.GET;
import static org.springframework.web.reactive.function.server.RequestPredicates.HEAD;

import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestContext.Face;
import io.sallyport.web.SecurityHeaders;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The dashboard on the console's host: files alone, the same for everybody. Who may see and change what is decided where it always
 * is, at the API, by the token that the dashboard keeps for one tab and sends as a bearer; there are no cookies, so another site can
 * make a browser do nothing here (AD-03).
 */
final class ConsoleRoutes {
    private final ConsoleFiles files;

    ConsoleRoutes(ConsoleFiles files) {
        this.files = files;
    }

    RouterFunction<ServerResponse> routes() {
        RequestPredicate console = request -> context(request).face() == Face.CONSOLE;
        RequestPredicate read =
                GET("/").or(HEAD("/")).or(GET("/console/{file}")).or(HEAD("/console/{file}"));
        return RouterFunctions.route(console.and(read), this::file);
    }

    private Mono<ServerResponse> file(ServerRequest request) {
        return files.at(request.path())
                .map(file -> send(request, file))
                .orElseGet(() -> ServerResponse.notFound().build());
    }

    private static Mono<ServerResponse> send(ServerRequest request, ConsoleFiles.Asset file) {
        boolean known = request.headers().asHttpHeaders().getIfNoneMatch().contains(file.tag());
        ServerResponse.BodyBuilder answer = known ? ServerResponse.status(304) : ServerResponse.ok();
        answer.headers(headers -> {
                    SecurityHeaders.write(headers, file.page(), context(request).secure());
                    headers.setCacheControl("no-cache");
                    headers.setETag(file.tag());
                })
                .contentType(file.type());
        return known ? answer.build() : answer.bodyValue(file.content());
    }

    private static RequestContext context(ServerRequest request) {
        return (RequestContext) request.exchange().getRequiredAttribute(RequestContext.ATTRIBUTE);
    }
}
