package io.sallyport.http;

import java.util.Optional;

/**
 * A host and path pattern as applications have it, such as {@code *.docs.example.com/team/*}. Keeps the text it was
 * read from; two patterns are equal when they cover the same requests by the same rule.
 */
public final class UrlPattern {
    private final String text;
    private final HostPattern host;
    private final PathPattern path;

    private UrlPattern(String text, HostPattern host, PathPattern path) {
        this.text = text;
        this.host = host;
        this.path = path;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    public static UrlPattern parse(String text) {
        if (text.contains("://")) {
            throw new IllegalArgumentException("a pattern has no scheme: write host and path alone");
        }
        if (text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
            throw new IllegalArgumentException("a pattern has no query and no fragment");
        }
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        if (host.lastIndexOf(':') > host.lastIndexOf(']')) {
            throw new IllegalArgumentException("a pattern has no port");
        }
        return new UrlPattern(text, HostPattern.parse(host), PathPattern.parse(slash < 0 ? "" : text.substring(slash)));
    }

    /** Whether this pattern covers the host, on some path. */
    public boolean coversHost(HostName host) {
        return this.host.matches(host.value());
    }

    /** Whether this pattern covers the host and canonical path. */
    public boolean matches(HostName host, String path) {
        return this.host.matches(host.value()) && this.path.covers(PathReader.fold(path));
    }

    /**
     * Whether the host is covered and the canonical path is what the pattern literally says: unlike {@link #matches}, a literal
     * path does not cover what lies below it. This is how {@code destinations[].overrides} read.
     */
    boolean matchesLiterally(HostName host, String path) {
        return this.host.matches(host.value()) && this.path.matchesLiterally(PathReader.fold(path));
    }

    /** The same under whatever other reading an origin might give the path (PN-02). */
    public boolean matchesLiterallyHoweverRead(HostName host, String path) {
        return matchesLiterally(host, path)
                && (path.indexOf('%') < 0 || this.path.loose().matchesLiterally(LooseReading.of(path)));
    }

    /** The pattern for paths as {@link LooseReading} gives them. */
    UrlPattern loose() {
        return new UrlPattern(text, host, path.loose());
    }

    /** The one host this pattern is about; empty when it has a wildcard there. */
    public Optional<HostName> literalHost() {
        return host.isLiteral() ? Optional.of(new HostName(host.normal())) : Optional.empty();
    }

    /**
     * The path that admins expect {@code /team/*} to cover and it does not: {@code /team} (PN-04). Empty when there is no such
     * surprise.
     */
    public Optional<String> uncoveredParent() {
        String normal = path.normal();
        return normal.endsWith("/*") ? Optional.of(normal.substring(0, normal.length() - 2)) : Optional.empty();
    }

    /** The one spelling that all equal patterns share; reading it again gives an equal pattern. */
    public String normal() {
        return host.normal() + path.normal();
    }

    HostPattern hostPattern() {
        return host;
    }

    PathPattern pathPattern() {
        return path;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof UrlPattern other
                && host.normal().equals(other.host.normal())
                && path.normal().equals(other.path.normal());
    }

    @Override
    public int hashCode() {
        return 31 * host.normal().hashCode() + path.normal().hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
