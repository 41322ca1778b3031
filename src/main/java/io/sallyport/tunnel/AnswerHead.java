package io.sallyport.tunnel;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.sallyport.http.FieldSyntax;
import io.sallyport.tunnel.wire.SerializedHeaders.Field;
import java.util.List;
import java.util.Locale;

/**
 * Builds a response head from what a connector sent. Status and fields arrive as base64 or metadata and have not passed
 * an HTTP parser, so everything that such a parser would refuse is refused here (TU-05).
 */
final class AnswerHead {
    private static final int MOST_FIELDS = 2_000;
    private static final int LONGEST = 1 << 20;
    private static final List<String> BETWEEN_US = List.of("cf-cloudflared-", "cf-int-", "cf-proxy-", "cf-warp-");

    private AnswerHead() {}

    /**
     * Checks and builds.
     *
     * @param mayUpgrade whether 101 is an answer to this request
     * @throws TunnelFailure of kind {@code MALFORMED}
     */
    static HttpResponse of(int status, List<Field> fields, boolean mayUpgrade) {
        if (status > 599 || (status < 200 && !(status == 101 && mayUpgrade))) {
            throw TunnelFailure.malformed("a status of " + status);
        }
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        fill(headers, fields);
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), headers);
    }

    /** Trailers, with the fields left out that would change how a message is read. */
    static HttpHeaders trailers(List<Field> fields) {
        HttpHeaders trailers = DefaultHttpHeadersFactory.trailersFactory()
                .withValidation(false)
                .newHeaders();
        fill(trailers, fields);
        trailers.remove(HttpHeaderNames.CONTENT_LENGTH);
        trailers.remove(HttpHeaderNames.SET_COOKIE);
        return trailers;
    }

    private static void fill(HttpHeaders headers, List<Field> fields) {
        if (fields.size() > MOST_FIELDS) {
            throw TunnelFailure.malformed("more than " + MOST_FIELDS + " fields");
        }
        int size = 0;
        for (Field field : fields) {
            String name = field.name().toLowerCase(Locale.ROOT);
            size += name.length() + field.value().length();
            if (!FieldSyntax.isToken(name) || !FieldSyntax.isValue(field.value()) || size > LONGEST) {
                throw TunnelFailure.malformed("an invalid header field");
            }
            if (name.equals("transfer-encoding")) {
                throw TunnelFailure.malformed("a transfer coding, which ends at the connector");
            }
            if (!isBetweenUs(name)) {
                headers.add(field.name(), field.value());
            }
        }
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (lengths.size() > 1 || !lengths.stream().allMatch(FieldSyntax::isLength)) {
            throw TunnelFailure.malformed("an invalid content length");
        }
    }

    private static boolean isBetweenUs(String name) {
        for (String prefix : BETWEEN_US) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** The status from three digits; -1 if they are not a status. */
    static int status(CharSequence digits) {
        return digits.length() == 3 && isDigits(digits) ? Integer.parseInt(digits, 0, 3, 10) : -1;
    }

    private static boolean isDigits(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
