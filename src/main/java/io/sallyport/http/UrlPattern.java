package io.sallyport.http;

/** A host and path pattern of spec/access-semantics.md §3.2, such as {@code *.docs.example.com/team/*}. */
public final class UrlPattern {
    private final String text;

    UrlPattern(String text) {
        this.text = text;
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException with a sentence that says what is wrong
     */
    public static UrlPattern parse(String text) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** Whether this pattern covers the host and canonical path. */
    public boolean matches(HostName host, String path) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    @Override
    public String toString() {
        return text;
    }
}
