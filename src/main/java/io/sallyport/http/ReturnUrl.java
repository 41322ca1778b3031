package io.sallyport.http;

/**
 * Where a browser goes back to after a login: a path and query on the application's own host, never anywhere else (OI-10). Only
 * {@link #of} makes one.
 */
public final class ReturnUrl {
    /** The application's root, where everything suspicious ends. */
    public static final ReturnUrl ROOT = new ReturnUrl("/");

    private static final HostName ANY_HOST = new HostName("localhost");

    private final String pathAndQuery;

    private ReturnUrl(String pathAndQuery) {
        this.pathAndQuery = pathAndQuery;
    }

    /**
     * Reduces a {@code redirect_url} to what may follow the host: absolute and scheme-relative URLs, backslashes, control bytes
     * and encoded tricks all end at the root.
     */
    public static ReturnUrl of(String redirectUrl) {
        boolean leavesTheHost = !redirectUrl.startsWith("/") || redirectUrl.startsWith("//");
        if (leavesTheHost || redirectUrl.indexOf('\\') >= 0) {
            return ROOT;
        }
        return switch (RequestTarget.parse(ANY_HOST.value(), redirectUrl)) {
            case RequestTarget.Parsed.Accepted(RequestTarget target) -> new ReturnUrl(target.pathAndQuery());
            case RequestTarget.Parsed.Refused _ -> ROOT;
        };
    }

    /** Canonical path and raw query; starts with exactly one slash. */
    public String pathAndQuery() {
        return pathAndQuery;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof ReturnUrl other && pathAndQuery.equals(other.pathAndQuery);
    }

    @Override
    public int hashCode() {
        return pathAndQuery.hashCode();
    }

    @Override
    public String toString() {
        return pathAndQuery;
    }
}
