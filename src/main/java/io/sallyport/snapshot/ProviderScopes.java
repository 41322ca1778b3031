package io.sallyport.snapshot;

import java.util.List;

/**
 * The scopes requested from each kind of provider, which an admin must allow for the client there.
 */
public final class ProviderScopes {
    /** The scopes of plain OpenID Connect. */
    static final List<String> USUAL = List.of("openid", "email", "profile");

    private static final List<String> WITH_GROUPS = List.of("openid", "email", "profile", "groups");
    private static final List<String> WITH_GOOGLE_GROUPS =
            List.of("openid", "email", "profile", "https://www.googleapis.com/auth/cloud-identity.groups.readonly");
    private static final List<String> WITH_ENTRA_GROUPS =
            List.of("openid", "email", "profile", "User.Read", "GroupMember.Read.All");

    private ProviderScopes() {}

    /** The scopes of a type when groups are requested too; none for the types without scopes. */
    public static List<String> withGroups(String type) {
        return type.equals("azureAD") ? WITH_ENTRA_GROUPS : of(type);
    }

    /** The scopes of a type; none for the types without scopes. */
    public static List<String> of(String type) {
        return switch (type) {
            case "google-apps" -> WITH_GOOGLE_GROUPS;
            case "okta", "onelogin" -> WITH_GROUPS;
            case "github" -> List.of("read:user", "user:email", "read:org");
            case "facebook" -> List.of("email", "public_profile");
            case "yandex" -> List.of("login:email", "login:info");
            case "saml", "onetimepin" -> List.of();
            default -> USUAL;
        };
    }
}
