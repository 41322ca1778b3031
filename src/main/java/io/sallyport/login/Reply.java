package io.sallyport.login;

import org.springframework.http.HttpHeaders;

/** A finished answer. The headers are the reply's own and may be added to until it is sent. */
@SuppressWarnings("ArrayRecordComponent") // written once and sent; nobody compares replies
record Reply(int status, HttpHeaders headers, byte[] body) {
    /** Adds a cookie of {@code session.SessionCookie}. */
    Reply with(String cookie) {
        headers.add(HttpHeaders.SET_COOKIE, cookie);
        return this;
    }
}
