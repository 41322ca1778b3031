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
                || type == ConfigController.File.class;
    }

    @Override
    public Mono<Object> resolveArgument(
            MethodParameter parameter, BindingContext bindingContext, ServerWebExchange exchange) {
        Class<?> type = parameter.getParameterType();
        if (type == Fields.class) {
            return body(exchange.getRequest(), StrictJson.MAX_BYTES)
                    .map(bytes -> Fields.of(StrictJson.readObject(bytes)));
        }
        if (type == ArrayNode.class) {
            return body(exchange.getRequest(), StrictJson.MAX_BYTES).map(StrictJson::readArray);
        }
        if (type == ConfigController.File.class) {
            return body(exchange.getRequest(), ConfigDocument.MAX_BYTES)
                    .map(bytes -> new ConfigController.File(StrictJson.readObject(bytes)));
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
    private static Mono<byte[]> body(ServerHttpRequest request, int longest) {
        if (request.getHeaders().getContentLength() > longest) {
            return Mono.error(ApiProblem.tooLarge(longest));
        }
        return DataBufferUtils.join(request.getBody(), longest)
                .map(ApiArguments::bytes)
                .defaultIfEmpty(new byte[0])
                .onErrorMap(DataBufferLimitException.class, tooLarge -> ApiProblem.tooLarge(longest));
    }

    private static byte[] bytes(DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        return bytes;
    }
}
