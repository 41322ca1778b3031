package io.sallyport.gateway;

import java.util.Locale;

/**
 * Why a request to a connector's management service goes no further. The first has the code and text of cloudflared's
 * own refusal; its clients print the text of any. Nobody is told which check of a token failed.
 */
enum ManagementRefusal {
    /** No token, or something that cannot be parsed as one. */
    MISSING(400, 1001, "missing access_token query parameter"),
    /** The token is forged, expired, for another host, or of a deleted tunnel. */
    NOT_VALID(401, 1002, "the access_token does not count, or not any more"),
    /** The token is genuine but does not allow this resource. */
    NOT_ALLOWED(403, 1003, "the access_token is not for this resource"),
    NO_SUCH_PATH(404, 1004, "a connector says nothing about this"),
    METHOD(405, 1005, "only GET and HEAD"),
    CONNECTOR_ID(400, 1006, "connector_id must be a UUID, given once"),
    /** The status that cloudflared knows for a tunnel without connectors. */
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

    /** The constant's name in lower case, for the log. */
    String word() {
        return "management_" + name().toLowerCase(Locale.ROOT);
    }

    /** The body, in the format in which connectors refuse. */
    String json() {
        return "{\"success\":false,\"errors\":[{\"code\":%d,\"message\":\"%s\"}]}".formatted(code, message);
    }
}
