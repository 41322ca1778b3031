package io.sallyport.policy;

import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The value that a rule about the login compared, shortened, and without claims that may be secrets. */
final class SeenAtLogin {
    private static final int LONGEST = 200;
    private static final int MOST_GROUPS = 20;

    /** Names of claims whose values are not shown. */
    private static final Pattern SECRET =
            Pattern.compile("(?i).*(password|passwd|secret|token|api_?key|credential|pin).*");

    private SeenAtLogin() {}

    /** Null when the login had nothing of the kind. */
    static @Nullable String of(Selector.LoginFact fact, Identity identity) {
        return switch (fact) {
            case Selector.AuthMethod _ -> identity.amr().isEmpty() ? null : String.join(", ", identity.amr());
            case Selector.LoginMethod _ ->
                identity.idp().type() + " " + identity.idp().id();
            case Selector.GithubOrganization _, Selector.GsuiteGroup _, Selector.OktaGroup _, Selector.AzureGroup _ ->
                groups(identity);
            case Selector.SamlAttribute attribute -> claim(attribute.name(), identity);
            case Selector.OidcClaim claim -> claim(claim.name(), identity);
            case Selector.ExternalEvaluation _ -> null;
        };
    }

    private static @Nullable String claim(String name, Identity identity) {
        Object value = identity.claims().get(name);
        if (value == null) {
            return name.equalsIgnoreCase("groups") ? groups(identity) : null;
        }
        if (SECRET.matcher(name).matches()) {
            return "[redacted]";
        }
        String text = value.toString();
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }

    private static @Nullable String groups(Identity identity) {
        List<Group> groups = identity.groups();
        if (groups.isEmpty()) {
            return null;
        }
        String names = String.join(
                ", ", groups.stream().limit(MOST_GROUPS).map(SeenAtLogin::name).toList());
        return groups.size() <= MOST_GROUPS ? names : names + " and " + (groups.size() - MOST_GROUPS) + " more";
    }

    private static String name(Group group) {
        return group.id().equals(group.name()) ? group.name() : group.name() + " (" + group.id() + ")";
    }
}
