package io.sallyport.gateway.wire;

/** Checks the characters of request targets; {@code http.RequestTarget} parses their meaning. */
final class Targets {
    /**
     * Characters that browsers and libraries send unescaped although URIs may not hold them (RFC 3986); escaping them
     * does not change the target's meaning.
     */
    private static final String SENT_BUT_NOT_ALLOWED = "\"<>[\\]^`{|}";

    private Targets() {}

    /** Whether the target is visible ASCII with complete escapes, no fragment and no backslash in the path. */
    static boolean isClean(String target) {
        boolean query = false;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            query = query || c == '?';
            if (c <= ' ' || c >= 0x7f || c == '#' || (c == '\\' && !query) || (c == '%' && !isEscape(target, i))) {
                return false;
            }
        }
        return !target.isEmpty();
    }

    private static boolean isEscape(String target, int at) {
        return at + 2 < target.length()
                && Character.digit(target.charAt(at + 1), 16) >= 0
                && Character.digit(target.charAt(at + 2), 16) >= 0;
    }

    /**
     * The target with those characters percent-encoded, so that {@code java.net.URI} accepts it. The authority of an
     * absolute-form target is left alone.
     */
    static String escaped(String target) {
        int from = target.startsWith("/") ? 0 : afterAuthority(target);
        for (int i = from; i < target.length(); i++) {
            if (mustEscape(target, i)) {
                return escape(target, i);
            }
        }
        return target;
    }

    private static String escape(String target, int from) {
        StringBuilder escaped = new StringBuilder(target.length() + 16).append(target, 0, from);
        for (int i = from; i < target.length(); i++) {
            char c = target.charAt(i);
            if (mustEscape(target, i)) {
                escaped.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private static boolean mustEscape(String target, int at) {
        return SENT_BUT_NOT_ALLOWED.indexOf(target.charAt(at)) >= 0;
    }

    private static int afterAuthority(String target) {
        int slashes = target.indexOf("://");
        int slash = slashes < 0 ? -1 : target.indexOf('/', slashes + 3);
        return slash < 0 ? target.length() : slash;
    }
}
