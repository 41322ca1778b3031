package io.sallyport.gateway.wire;

import java.nio.charset.StandardCharsets;

/**
 * The body of a refusal that happens before the request's host is known: JSON in the envelope of the admin API, because that
 * API's clients read nothing else.
 */
final class WireRefusal {
    /** The API's codes of refusals are this much above the HTTP status. */
    private static final int CODES = 10_000;

    private WireRefusal() {}

    /**
     * The body.
     *
     * @param status HTTP status of the answer
     * @param ray id under which the refusal is logged
     */
    static byte[] json(int status, String ray) {
        String json = "{\"success\":false,\"errors\":[{\"code\":%d,\"message\":\"%s\"}],"
                        .formatted(CODES + status, words(status))
                + "\"messages\":[],\"result\":null,\"ray\":\"" + ray + "\"}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String words(int status) {
        return switch (status) {
            case 405 -> "CONNECT and TRACE are not served here";
            case 408 -> "The body came too slowly";
            case 414 -> "The address is longer than " + (EdgeServer.LONGEST_TARGET >> 10) + " KiB";
            case 417 -> "No other expectation than 100-continue can be met";
            case 431 ->
                "The header fields are longer than " + (EdgeServer.LONGEST_HEADER_BLOCK >> 10) + " KiB, or more than "
                        + EdgeServer.MOST_FIELDS;
            default -> "The request cannot be read in exactly one way";
        };
    }
}
