package io.sallyport.http;

import java.util.List;
import java.util.Optional;

/** Finds the most specific of many patterns without a scan (§3.3): hash look-ups by host, then by path. Immutable. */
public final class HostTable<T> {
    private HostTable() {}

    /**
     * One pattern and what it stands for.
     *
     * @param age smaller is older; breaks the last tie
     */
    public record Entry<T>(UrlPattern pattern, long age, T value) {}

    /**
     * Builds a table.
     *
     * @throws IllegalArgumentException when two entries have one pattern
     */
    public static <T> HostTable<T> of(List<Entry<T>> entries) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }

    /** The value of the most specific pattern that covers the host and canonical path. */
    public Optional<T> find(HostName host, String path) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }
}
