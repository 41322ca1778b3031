package io.sallyport.gateway;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.sallyport.http.ResetCodes;
import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.web.Answers;
import io.sallyport.web.Branding;
import io.sallyport.web.Problem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Maps failures of the gateway to answers (ER-02): an origin's failure to 502 or 504, a {@code ResponseStatusException}
 * to its status, anything else to a plain 500 with the ray id that is also in the log. An answer that has begun is cut
 * off instead, so that a truncated body never looks complete.
 */
final class GatewayErrors implements WebExceptionHandler, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayErrors.class);

    /** Status for the access log only, as nginx logs it. */
    private static final HttpStatusCode CLIENT_LEFT = HttpStatusCode.valueOf(499);

    private final Answers answers;

    GatewayErrors(Answers answers) {
        this.answers = answers;
    }

    /** Before Spring Boot's own handler, which does not know our kinds of hosts. */
    @Override
    public int getOrder() {
        return -2;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        AccessRecord record = AccessRecord.find(exchange);
        if (record == null) {
            return Mono.error(failure); // not an exchange of the public listeners
        }
        if (exchange.getResponse().isCommitted()) {
            record.failure("aborted");
            noteCutOff(failure, record);
            return cutOff(exchange, resetCode(failure));
        }
        if (failure instanceof AbortedException) { // the client went away: not our error, and nobody is left to answer
            record.failure("aborted");
            exchange.getResponse().setStatusCode(CLIENT_LEFT);
            return Mono.empty();
        }
        exchange.getResponse().getHeaders().clear();
        if (failure instanceof OriginConnections.Full) {
            exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, "5");
        }
        return answers.problem(exchange, problem(failure, record), branding(exchange));
    }

    /** One line for what is not our bug, however often an origin breaks off. */
    private static void noteCutOff(Throwable failure, AccessRecord record) {
        switch (failure) {
            case AbortedException _ -> {} // the visitor left, which the access log says
            case OriginFailure origin ->
                LOG.info("ray={} the answer broke off: {}", record.ray(), String.valueOf(origin.getCause()));
            case TunnelFailure tunnel -> LOG.info("ray={} the answer broke off: {}", record.ray(), tunnel.getMessage());
            default -> LOG.error("ray={} unexpected", record.ray(), failure);
        }
    }

    /**
     * Ends the visitor's connection, over HTTP/2 the stream, behind what has been sent, so that the answer cannot be taken for whole.
     * An error instead would make Spring and Reactor Netty log two lines and a stack trace, however often an origin breaks off.
     */
    private static Mono<Void> cutOff(ServerWebExchange exchange, long code) {
        return Mono.create(sink -> {
            HttpServerRequest raw = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
            raw.withConnection(visitor -> {
                Channel channel = visitor.channel();
                channel.closeFuture().addListener(closed -> sink.success());
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
                    if (channel instanceof Http2StreamChannel) { // whose own end would say that the visitor cancelled
                        channel.writeAndFlush(new DefaultHttp2ResetFrame(code));
                    }
                    channel.close();
                });
            });
        });
    }

    private static long resetCode(Throwable failure) {
        return switch (failure) {
            case OriginFailure origin -> origin.resetCode();
            case TunnelFailure tunnel -> tunnel.resetCode();
            default -> ResetCodes.INTERNAL_ERROR;
        };
    }

    /** The organisation's look for the error page; null when the request failed before its snapshot was read. */
    private static @Nullable Branding branding(ServerWebExchange exchange) {
        AccessExchange access = AccessExchange.find(exchange);
        return access == null ? null : Refusals.branding(access.snapshot().settings());
    }

    private static Problem problem(Throwable failure, AccessRecord record) {
        return switch (failure) {
            case OriginFailure origin -> origin(origin, record);
            case OriginConnections.Full full -> full(full, record);
            case TunnelFailure tunnel -> tunnel(tunnel, record);
            case ResponseStatusException chosen -> chosen(chosen.getStatusCode(), record);
            default -> bug(failure, record);
        };
    }

    private static Problem origin(OriginFailure failure, AccessRecord record) {
        record.failure(failure.code());
        LOG.info("ray={} {}: {}", record.ray(), failure.code(), String.valueOf(failure.getCause()));
        if (failure.isTimeout()) {
            return new Problem(
                    504,
                    failure.code(),
                    "The application takes too long",
                    "It did not answer in time. Try again in a little while.",
                    record.ray(),
                    null);
        }
        return new Problem(
                502,
                failure.code(),
                "The application cannot be reached",
                failure.isTls()
                        ? "The gate let you in, but cannot verify the certificate of the application behind it. Tell its administrator."
                        : "The gate let you in, but the application behind it does not answer. Try again in a little while.",
                record.ray(),
                null);
    }

    private static Problem full(OriginConnections.Full failure, AccessRecord record) {
        record.failure("no_descriptors");
        LOG.warn("ray={} {}", record.ray(), failure.getMessage());
        return new Problem(
                503,
                "overloaded",
                "Too busy right now",
                "The gate let you in, but has as many connections as it may. Try again in a little while.",
                record.ray(),
                null);
    }

    private static Problem tunnel(TunnelFailure failure, AccessRecord record) {
        Problem problem = TunnelProblems.of(failure, record.ray());
        record.failure(problem.code());
        LOG.info("ray={} {}: {}", record.ray(), problem.code(), failure.getMessage());
        return problem;
    }

    private static Problem chosen(HttpStatusCode status, AccessRecord record) {
        record.failure("status_" + status.value());
        return new Problem(
                status.value(),
                status.value() == 404 ? "not_found" : "refused",
                status.value() == 404 ? "Not found" : "Not possible",
                status.value() == 503
                        ? "This cannot be done at the moment. Try again in a little while."
                        : "This request cannot be answered.",
                record.ray(),
                null);
    }

    private static Problem bug(Throwable failure, AccessRecord record) {
        record.failure("internal_error");
        LOG.error("ray={} unexpected", record.ray(), failure);
        return new Problem(
                500,
                "internal_error",
                "Something went wrong",
                "The gate could not handle this request. Nothing was passed on.",
                record.ray(),
                null);
    }
}
