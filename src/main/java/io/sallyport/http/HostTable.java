package io.sallyport.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the most specific of many patterns without a scan: hash look-ups by host, then by path. Immutable.
 *
 * <p>Hosts without a wildcard are one look-up. Wildcard hosts are grouped by shape, that is which labels hold a {@code *} and
 * how many characters stand before and after it; a host is asked once per shape of its label count, and real tables have a
 * handful of shapes however many applications. Every host holds a {@link PathTable}.
 *
 * <p>The order is total: a literal host before a wildcard host; more literal characters in the host; more literal characters
 * before the first {@code *} of the path; a literal path before one with wildcards; fewer wildcards; the older entry.
 */
public final class HostTable<T> {
    private final Map<String, PathTable<T>> literalHosts;
    private final Map<Integer, List<Shape<T>>> shapesByLabelCount;

    /** The same patterns for paths as {@link LooseReading} gives them; null where no pattern looks at paths. */
    private final @Nullable HostTable<T> loose;

    private HostTable(
            Map<String, PathTable<T>> literalHosts,
            Map<Integer, List<Shape<T>>> shapesByLabelCount,
            @Nullable HostTable<T> loose) {
        this.literalHosts = literalHosts;
        this.shapesByLabelCount = shapesByLabelCount;
        this.loose = loose;
    }

    /**
     * A pattern and its value.
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
        refuseRepeats(entries);
        boolean looksAtPaths = entries.stream()
                .anyMatch(entry -> !entry.pattern().pathPattern().coversEverything());
        return build(entries, looksAtPaths ? build(loosely(entries), null) : null);
    }

    private static <T> HostTable<T> build(List<Entry<T>> entries, @Nullable HostTable<T> loose) {
        Map<String, List<PathTable.Candidate<T>>> literal = new HashMap<>();
        Map<List<Label>, Map<String, List<PathTable.Candidate<T>>>> wildcard = new LinkedHashMap<>();
        for (Entry<T> entry : entries) {
            HostPattern host = entry.pattern().hostPattern();
            var hosts =
                    host.isLiteral() ? literal : wildcard.computeIfAbsent(Label.shapeOf(host), _ -> new HashMap<>());
            hosts.computeIfAbsent(host.normal(), _ -> new ArrayList<>()).add(PathTable.Candidate.of(entry));
        }
        Map<Integer, List<Shape<T>>> shapes = new HashMap<>();
        wildcard.forEach((labels, hosts) -> shapes.computeIfAbsent(labels.size(), _ -> new ArrayList<>())
                .add(new Shape<>(labels, pathTables(hosts))));
        return new HostTable<>(pathTables(literal), shapes, loose);
    }

    /** Of several that read alike one will do: a path that reads so is ambiguous, or is spelled as one of them is. */
    private static <T> List<Entry<T>> loosely(List<Entry<T>> entries) {
        Map<UrlPattern, Entry<T>> loosely = LinkedHashMap.newLinkedHashMap(entries.size());
        for (Entry<T> entry : entries) {
            UrlPattern pattern = entry.pattern().loose();
            loosely.putIfAbsent(pattern, new Entry<>(pattern, entry.age(), entry.value()));
        }
        return List.copyOf(loosely.values());
    }

    private static <T> void refuseRepeats(List<Entry<T>> entries) {
        Map<UrlPattern, UrlPattern> seen = HashMap.newHashMap(entries.size());
        for (Entry<T> entry : entries) {
            UrlPattern earlier = seen.putIfAbsent(entry.pattern(), entry.pattern());
            if (earlier != null) {
                throw new IllegalArgumentException(
                        "\"" + entry.pattern() + "\" covers the same requests as \"" + earlier + "\"");
            }
        }
    }

    private static <T> Map<String, PathTable<T>> pathTables(Map<String, List<PathTable.Candidate<T>>> hosts) {
        Map<String, PathTable<T>> tables = HashMap.newHashMap(hosts.size());
        hosts.forEach((host, candidates) -> tables.put(host, new PathTable<>(candidates)));
        return tables;
    }

    /** The value of the most specific pattern that covers the host and canonical path. */
    public Optional<T> find(HostName host, String path) {
        PathTable.Candidate<T> found = candidate(host, PathReader.fold(path));
        return found == null ? Optional.empty() : found.value();
    }

    /**
     * Whether an origin that decodes repeatedly, resolves the result, or ignores letter case could read the path as one
     * that belongs to another value than {@link #find} returns (PN-02). If patterns contain both spellings, such as
     * {@code /Docs} and {@code /docs}, neither is ambiguous.
     */
    public boolean isAmbiguous(HostName host, String path) {
        HostTable<T> others = loose;
        if (others == null) {
            return false;
        }
        PathTable.Candidate<T> one = candidate(host, PathReader.fold(path));
        PathTable.Candidate<T> other = others.candidate(host, LooseReading.of(path));
        if (one == null || other == null) {
            return one != null || other != null;
        }
        return !one.value().equals(other.value()) && !one.readsLike(other);
    }

    private PathTable.@Nullable Candidate<T> candidate(HostName host, String folded) {
        PathTable<T> literal = literalHosts.get(host.value());
        PathTable.Candidate<T> found = literal == null ? null : literal.find(folded);
        return found == null && !shapesByLabelCount.isEmpty() ? findByShape(host.value(), folded) : found;
    }

    private PathTable.@Nullable Candidate<T> findByShape(String host, String folded) {
        List<Shape<T>> shapes = shapesByLabelCount.get(labelCount(host));
        if (shapes == null) {
            return null;
        }
        PathTable.Candidate<T> best = null;
        for (Shape<T> shape : shapes) {
            String key = shape.key(host);
            PathTable<T> paths = key == null ? null : shape.hosts.get(key);
            PathTable.Candidate<T> found = paths == null ? null : paths.find(folded);
            if (found != null && (best == null || PathTable.Candidate.MOST_SPECIFIC_FIRST.compare(found, best) < 0)) {
                best = found;
            }
        }
        return best;
    }

    private static int labelCount(String host) {
        int count = 1;
        for (int dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
            count++;
        }
        return count;
    }

    /** How one label of a host pattern looks: literal, or the lengths around its {@code *}. */
    private record Label(boolean wildcard, int prefix, int suffix) {
        static List<Label> shapeOf(HostPattern host) {
            return host.labels().stream()
                    .map(l -> l.wildcard()
                            ? new Label(true, l.prefix().length(), l.suffix().length())
                            : new Label(false, 0, 0))
                    .toList();
        }
    }

    private record Shape<T>(List<Label> labels, Map<String, PathTable<T>> hosts) {
        /** What a pattern of this shape must read like to cover the host; null when none can. */
        @Nullable
        String key(String host) {
            StringBuilder key = new StringBuilder(host.length() + labels.size());
            int start = 0;
            for (int i = 0; i < labels.size(); i++) {
                int dot = host.indexOf('.', start);
                int end = dot < 0 ? host.length() : dot;
                Label label = labels.get(i);
                if (!label.wildcard) {
                    key.append(host, start, end);
                } else if (end - start < Math.max(1, label.prefix + label.suffix)) {
                    return null;
                } else {
                    key.append(host, start, start + label.prefix).append('*').append(host, end - label.suffix, end);
                }
                if (dot >= 0) {
                    key.append('.');
                }
                start = end + 1;
            }
            return key.toString();
        }
    }
}
