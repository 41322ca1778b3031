package io.sallyport.control;

import java.lang.reflect.Method;
import java.util.Objects;
import org.springframework.core.MethodParameter;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.BindingContext;
import org.springframework.web.reactive.result.method.HandlerMethodArgumentResolver;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Gives handlers what they ask for by type: the {@link AdminCall}, the body as {@link Fields}, the {@link Query}. */
final class ApiArguments implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        Class<?> type = parameter.getParameterType();
        return type == AdminCall.class || type == Fields.class || type == Query.class;
    }

    @Override
    public Mono<Object> resolveArgument(
            MethodParameter parameter, BindingContext bindingContext, ServerWebExchange exchange) {
        Class<?> type = parameter.getParameterType();
        if (type == Fields.class) {
            return body(exchange.getRequest());
        }
        return Mono.fromSupplier(() -> type == Query.class
                ? new Query(exchange.getRequest().getQueryParams())
                : permitted(parameter, exchange));
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

    /** Whatever the content type says, or when it says nothing: clients differ (spec/rest-api.md §1.4 rule 10). */
    private static Mono<Object> body(ServerHttpRequest request) {
        if (request.getHeaders().getContentLength() > StrictJson.MAX_BYTES) {
            return Mono.error(ApiProblem.tooLarge());
        }
        return DataBufferUtils.join(request.getBody(), StrictJson.MAX_BYTES)
                .map(ApiArguments::bytes)
                .defaultIfEmpty(new byte[0])
                .onErrorMap(DataBufferLimitException.class, tooLarge -> ApiProblem.tooLarge())
                .map(bytes -> Fields.of(StrictJson.readObject(bytes)));
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
