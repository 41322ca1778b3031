package io.sallyport.gateway.wire;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.sallyport.http.FieldSyntax;
import java.util.List;
import java.util.Optional;

/** Decides whether an HTTP/1 request is unambiguous (RFC 9112; threats RP). These are the rules of {@link RequestGuard}, without state. */
final class RequestRules {
    private RequestRules() {}

    /** The status with which to refuse; empty when the request is unambiguous. Also makes small repairs that need no guessing. */
    static Optional<HttpResponseStatus> judge(HttpRequest request) {
        DecoderResult decoded = request.decoderResult();
        if (decoded.isFailure()) {
            return Optional.of(status(decoded.cause()));
        }
        HttpHeaders headers = request.headers();
        HttpVersion version = request.protocolVersion();
        boolean oneZero = version.equals(HttpVersion.HTTP_1_0);
        if (!oneZero && !version.equals(HttpVersion.HTTP_1_1)) {
            return Optional.of(HttpResponseStatus.BAD_REQUEST);
        }
        String method = request.method().name();
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            return Optional.of(HttpResponseStatus.METHOD_NOT_ALLOWED);
        }
        if (request.uri().length() > EdgeServer.LONGEST_TARGET) {
            return Optional.of(HttpResponseStatus.REQUEST_URI_TOO_LONG);
        }
        if (headers.size() > EdgeServer.MOST_FIELDS) {
            return Optional.of(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        if (!FieldSyntax.isToken(method)
                || !Targets.isClean(request.uri())
                || headers.getAll(HttpHeaderNames.HOST).size() != 1
                || !FieldValues.areClean(headers)
                || !hasOneFraming(headers, oneZero)) {
            return Optional.of(HttpResponseStatus.BAD_REQUEST);
        }
        List<String> expectations = headers.getAll(HttpHeaderNames.EXPECT);
        if (!expectations.isEmpty()
                && (oneZero
                        || expectations.size() > 1
                        || !expectations.getFirst().equalsIgnoreCase("100-continue"))) {
            return Optional.of(HttpResponseStatus.EXPECTATION_FAILED);
        }
        keepOnlyWebSocketUpgrades(request);
        request.setUri(Targets.escaped(request.uri()));
        return Optional.empty();
    }

    static HttpResponseStatus status(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException e -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
            case TooLongHttpHeaderException e -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
            default -> HttpResponseStatus.BAD_REQUEST;
        };
    }

    private static boolean hasOneFraming(HttpHeaders headers, boolean oneZero) {
        List<String> encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (!encodings.isEmpty()) {
            return !oneZero
                    && encodings.size() == 1
                    && encodings.getFirst().equalsIgnoreCase("chunked")
                    && lengths.isEmpty();
        }
        return lengths.size() <= 1 && lengths.stream().allMatch(FieldSyntax::isLength);
    }

    /** Upgrades to other protocols are never accepted: h2c is available by prior knowledge only (RP-19). */
    private static void keepOnlyWebSocketUpgrades(HttpRequest request) {
        HttpHeaders headers = request.headers();
        List<String> upgrades = headers.getAll(HttpHeaderNames.UPGRADE);
        if (upgrades.isEmpty()) {
            return;
        }
        boolean webSocket = upgrades.size() == 1
                && upgrades.getFirst().equalsIgnoreCase("websocket")
                && request.method().name().equals("GET")
                && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY).size() == 1
                && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13", true)
                && !hasBody(request);
        if (!webSocket) {
            headers.remove(HttpHeaderNames.UPGRADE);
            headers.remove("HTTP2-Settings");
        }
    }

    static boolean hasBody(HttpMessage message) {
        HttpHeaders headers = message.headers();
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                || (headers.contains(HttpHeaderNames.CONTENT_LENGTH)
                        && !headers.contains(HttpHeaderNames.CONTENT_LENGTH, "0", false));
    }
}
