package io.sallyport.web;

import java.util.List;
import java.util.Optional;
import org.springframework.util.MultiValueMap;

/** Reads parameters that must occur exactly once, because another parser might read the other of two values. */
public final class SingleValue {
    private SingleValue() {}

    /** The only value of that name; empty when there is none or more than one. */
    public static Optional<String> of(MultiValueMap<String, String> values, String name) {
        List<String> all = values.getOrDefault(name, List.of());
        return all.size() == 1 ? Optional.ofNullable(all.getFirst()) : Optional.empty();
    }
}
