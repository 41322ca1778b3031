package io.sallyport.policy;

import io.sallyport.identity.GroupId;
import java.util.List;

/** An Access group as an admin wrote it: one boolean by the same formula as a policy; groups may name groups, never in a circle. */
public record GroupSpec(
        GroupId id, String name, List<Selector> include, List<Selector> exclude, List<Selector> require) {
    /** Copies the rules. */
    public GroupSpec {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        require = List.copyOf(require);
    }
}
