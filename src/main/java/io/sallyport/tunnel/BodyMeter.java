package io.sallyport.tunnel;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;

/** Holds a body to the length its head announced, so that what follows on the visitor's connection is never read as part of it. */
final class BodyMeter {
    private final long announced;
    private long seen;

    /** @param method of the request; an answer to HEAD has no body, whatever length it tells */
    BodyMeter(HttpResponse head, HttpMethod method) {
        int status = head.status().code();
        String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        if (method.equals(HttpMethod.HEAD) || status == 204 || status == 304) {
            announced = 0;
        } else {
            announced = length == null ? Long.MAX_VALUE : Long.parseLong(length);
        }
    }

    /** @throws TunnelFailure when it is more than was announced */
    void add(int bytes) {
        seen += bytes;
        if (seen > announced) {
            throw AnswerHead.malformed("more than it announced");
        }
    }

    /** @throws TunnelFailure when it was less than was announced */
    void end() {
        if (announced != Long.MAX_VALUE && seen < announced) {
            throw AnswerHead.malformed("less than it announced");
        }
    }
}
