package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.identity.Email;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.ListId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles policies, resolving the groups and lists they name. */
public final class PolicyCompiler {
    private PolicyCompiler() {}

    /**
     * What policies may refer to.
     *
     * @param emailLists items of lists of type EMAIL
     * @param ipLists items of lists of type IP
     */
    public record References(
            Map<GroupId, GroupSpec> groups, Map<ListId, Set<Email>> emailLists, Map<ListId, List<Cidr>> ipLists) {}

    /**
     * Compiles an application's policies.
     *
     * @param policies in ascending precedence
     * @throws PolicyProblem when a group or list is missing, groups form a circle, or a policy breaks a rule of §4.1
     */
    public static CompiledPolicy compile(List<PolicySpec> policies, References references) {
        throw new UnsupportedOperationException("written by the policy engine's change");
    }
}
