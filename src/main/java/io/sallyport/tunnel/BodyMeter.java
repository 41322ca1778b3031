package io.sallyport.tunnel;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;

/** Checks that a body has the length that its head announced, so that the visitor cannot take following bytes for a part of it. */
final class BodyMeter {
    private final long announced;
    private long seen;

    /** @param method of the request; an answer to HEAD has no body, even if it states a length */
    BodyMeter(HttpResponse head, HttpMethod method) {
        int status = head.status().code();
        String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        if (method.equals(HttpMethod.HEAD) || status == 204 || status == 304) {
            announced = 0;
        } else {
            announced = length == null ? Long.MAX_VALUE : Long.parseLong(length);
        }
    }

    /** @throws TunnelFailure when the body is longer than announced */
    void add(int bytes) {
        seen += bytes;
        if (seen > announced) {
            throw TunnelFailure.malformed("a longer body than it announced");
        }
    }

    /** @throws TunnelFailure when the body was shorter than announced */
    void end() {
        if (announced != Long.MAX_VALUE && seen < announced) {
            throw TunnelFailure.malformed("a shorter body than it announced");
        }
    }
}
