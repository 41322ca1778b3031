package io.sallyport.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The host half of a {@link UrlPattern}: a host name in which each label may hold one {@code *}. A {@code *} never crosses a
 * dot; beside other characters it may stand for none, alone it needs at least one.
 */
final class HostPattern {
    /** One label: literal, or what stands before and after its {@code *}. */
    record Label(String prefix, String suffix, boolean wildcard) {
        int literals() {
            return prefix.length() + suffix.length();
        }

        boolean matches(String label) {
            return wildcard
                    ? label.length() >= Math.max(1, literals()) && label.startsWith(prefix) && label.endsWith(suffix)
                    : label.equals(prefix);
        }
    }

    private final String normal;
    private final List<Label> labels;
    private final int wildcards;

    private HostPattern(String normal, List<Label> labels) {
        this.normal = normal;
        this.labels = labels;
        this.wildcards = (int) labels.stream().filter(Label::wildcard).count();
    }

    static HostPattern parse(String text) {
        if (text.indexOf('*') < 0) {
            HostName host = HostName.parse(text)
                    .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is not a host name"));
            return new HostPattern(host.value(), List.of());
        }
        // Whatever the wildcards stand for, the whole must be a host name; its literal labels are taken in normal form.
        String[] normal = HostName.parse(text.replace('*', 'x'))
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is not a host pattern"))
                .value()
                .split("\\.", -1);
        String[] written = (text.endsWith(".") ? text.substring(0, text.length() - 1) : text)
                .toLowerCase(Locale.ROOT)
                .split("\\.", -1);
        if (written.length != normal.length) {
            throw new IllegalArgumentException("beside a *, the dots of a host pattern are plain ones");
        }
        List<Label> labels = new ArrayList<>();
        for (int i = 0; i < normal.length; i++) {
            normal[i] = written[i].indexOf('*') < 0 ? normal[i] : written[i];
            labels.add(label(normal[i]));
        }
        if (labels.getLast().wildcard()) {
            throw new IllegalArgumentException("the last label of a host pattern holds no *");
        }
        return new HostPattern(String.join(".", normal), List.copyOf(labels));
    }

    private static Label label(String label) {
        int star = label.indexOf('*');
        if (star < 0) {
            return new Label(label, "", false);
        }
        if (label.indexOf('*', star + 1) >= 0) {
            throw new IllegalArgumentException("a host pattern has at most one * between two dots");
        }
        if (!label.chars().allMatch(c -> c == '*' || HostName.isLabelCharacter((char) c))) {
            throw new IllegalArgumentException(
                    "beside a *, a host label is written in ASCII letters, digits and hyphens");
        }
        return new Label(label.substring(0, star), label.substring(star + 1), true);
    }

    boolean matches(String host) {
        if (wildcards == 0) {
            return normal.equals(host);
        }
        String[] given = host.split("\\.", -1);
        if (given.length != labels.size()) {
            return false;
        }
        for (int i = 0; i < given.length; i++) {
            if (!labels.get(i).matches(given[i])) {
                return false;
            }
        }
        return true;
    }

    /** Characters that are not {@code *} or dots. */
    int literals() {
        return labels.stream().mapToInt(Label::literals).sum();
    }

    boolean isLiteral() {
        return wildcards == 0;
    }

    int wildcards() {
        return wildcards;
    }

    List<Label> labels() {
        return labels;
    }

    String normal() {
        return normal;
    }
}
