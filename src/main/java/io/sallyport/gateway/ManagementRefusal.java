package io.sallyport.gateway;

import java.util.Locale;

/**
 * Why a request to a connector's management service goes no further. The first is cloudflared's own, code and words, and its clients
 * print whatever they get; which check of a token failed nobody is told.
 */
enum ManagementRefusal {
    /** No token, or something that is none in any reading. */
    MISSING(400, 1001, "missing access_token query parameter"),
    /** Forged, over, for another host, or of a tunnel that is gone. */
    NOT_VALID(401, 1002, "the access_token does not count, or not any more"),
    /** Genuine, but for something else. */
    NOT_ALLOWED(403, 1003, "the access_token is not for this resource"),
    NO_SUCH_PATH(404, 1004, "a connector says nothing about this"),
    METHOD(405, 1005, "only GET and HEAD"),
    CONNECTOR_ID(400, 1006, "connector_id must be a UUID, given once"),
    /** What cloudflared knows as its status for a tunnel without connectors. */
    NO_CONNECTOR(530, 1033, "no connector of this tunnel, or not this one, is connected"),
    UNREACHABLE(502, 1034, "the connection to the connector broke off, or what it answers cannot be read"),
    BUSY(503, 1035, "this cannot be done at the moment, try again in a little while");

    private final int status;
    private final int code;
    private final String message;

    ManagementRefusal(int status, int code, String message) {
        this.status = status;
        this.code = code;
        this.message = message;
    }

    int status() {
        return status;
    }

    /** For the log: the constant as a word. */
    String word() {
        return "management_" + name().toLowerCase(Locale.ROOT);
    }

    /** In the shape in which connectors refuse, too (protocol/connector-api.md §7). */
    String json() {
        return "{\"success\":false,\"errors\":[{\"code\":%d,\"message\":\"%s\"}]}".formatted(code, message);
    }
}
