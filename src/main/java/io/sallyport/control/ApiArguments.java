package io.sallyport.control;

import java.lang.reflect.Method;
import java.util.Objects;
import java.util.function.IntFunction;
import org.springframework.core.MethodParameter;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.BindingContext;
import org.springframework.web.reactive.result.method.HandlerMethodArgumentResolver;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;

/** Gives handlers what they ask for by type: the {@link AdminCall}, the body as {@link Fields}, the {@link Query}. */
final class ApiArguments implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        Class<?> type = parameter.getParameterType();
        return type == AdminCall.class
                || type == Fields.class
                || type == ArrayNode.class
                || type == Query.class
                || type == ZoneUpload.class
                || type == ConfigController.File.class;
    }

    @Override
    public Mono<Object> resolveArgument(
            MethodParameter parameter, BindingContext bindingContext, ServerWebExchange exchange) {
        Class<?> type = parameter.getParameterType();
        return Mono.fromSupplier(() -> argument(type, parameter, exchange));
    }

    /** Checks the permission first, so that no body is read for a call that is refused. */
    private static Object argument(Class<?> type, MethodParameter parameter, ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        AdminCall call = permitted(parameter, exchange);
        if (type == Fields.class) {
            return Fields.of(StrictJson.readObject(body(request, StrictJson.MAX_BYTES)));
        }
        if (type == ArrayNode.class) {
            return StrictJson.readArray(body(request, StrictJson.MAX_BYTES));
        }
        if (type == ConfigController.File.class) {
            return (ConfigController.File) () -> StrictJson.readObject(file(request, call));
        }
        if (type == ZoneUpload.class) {
            return ApiProblem.about(
                    ApiProblem.DNS_RECORD,
                    () -> ZoneUpload.read(request.getHeaders().getContentType(), body(request, StrictJson.MAX_BYTES)));
        }
        return type == Query.class ? new Query(request.getQueryParams()) : call;
    }

    private static byte[] file(ServerHttpRequest request, AdminCall call) {
        return PlanningPlace.isBounded(call)
                ? body(request, ConfigDocument.MAX_BYTES_TO_PLAN, ApiProblem::tooLargeForReaders)
                : body(request, ConfigDocument.MAX_BYTES);
    }

    /** The call, if its token may use this handler. */
    private static AdminCall permitted(MethodParameter parameter, ServerWebExchange exchange) {
        AdminCall call = exchange.getRequiredAttribute(AdminCall.ATTRIBUTE);
        Method handler = Objects.requireNonNull(parameter.getMethod());
        call.permissions()
                .require(Concerns.Need.of(
                        handler, exchange.getRequest().getMethod().name()));
        return call;
    }

    /**
     * Reads the body, blocking the request's virtual thread, whatever the content type is. A missing body counts as {@code {}},
     * which may change a lot; so a body that was announced but did not arrive completely is an error.
     */
    private static byte[] body(ServerHttpRequest request, int longest) {
        return body(request, longest, ApiProblem::tooLarge);
    }

    private static byte[] body(ServerHttpRequest request, int longest, IntFunction<ApiProblem> refusal) {
        long announced = request.getHeaders().getContentLength();
        if (announced > longest) {
            throw refusal.apply(longest);
        }
        byte[] bytes = DataBufferUtils.join(request.getBody(), longest)
                .map(ApiArguments::bytes)
                .defaultIfEmpty(new byte[0])
                .onErrorMap(DataBufferLimitException.class, tooLarge -> refusal.apply(longest))
                .block();
        return requireWhole(announced, Objects.requireNonNull(bytes));
    }

    /** @param announced the Content-Length; negative when there was none */
    static byte[] requireWhole(long announced, byte[] bytes) {
        if (announced > 0 && bytes.length != announced) {
            throw ApiProblem.bodyLost(announced, bytes.length);
        }
        return bytes;
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
