package io.sallyport.login;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/**
 * Reads a form that a provider posts through the browser: up to a SAML response of 256 KiB, base64 and percent-encoded.
 */
final class PostedForm {
    private static final int LARGEST = 512 * 1024;
    private static final int MOST_FIELDS = 20;

    private PostedForm() {}

    /** The fields; fails with a {@code DataBufferLimitException} when there is more, having read no more than that. */
    static Mono<MultiValueMap<String, String>> read(ServerRequest request, Duration slowest) {
        return DataBufferUtils.join(request.exchange().getRequest().getBody(), LARGEST)
                .map(PostedForm::text)
                .defaultIfEmpty("")
                .timeout(slowest, Mono.error(() -> new ResponseStatusException(HttpStatus.REQUEST_TIMEOUT)))
                .map(PostedForm::fields);
    }

    private static String text(DataBuffer buffer) {
        try {
            return buffer.toString(StandardCharsets.UTF_8);
        } finally {
            DataBufferUtils.release(buffer);
        }
    }

    private static MultiValueMap<String, String> fields(String body) {
        MultiValueMap<String, String> fields = new LinkedMultiValueMap<>();
        try {
            for (String pair : body.split("&", MOST_FIELDS)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    fields.add(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
                }
            }
        } catch (IllegalArgumentException badEscape) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, null, badEscape);
        }
        return fields;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
