package io.sallyport.control;

import io.sallyport.snapshot.ProviderScopes;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings to enter at each kind of provider before its entry is created here: URLs, scopes, and the fields they
 * belong to.
 */
final class ProviderSetup {
    private static final String REDIRECT = "Redirect URI";
    /** Placeholder for the entry's id in URLs, until the entry exists. */
    private static final String ID = "{id}";

    /**
     * One kind of provider, in its vendor's words.
     *
     * @param whatToDo what to create at the vendor, and what to copy back from there
     * @param redirectField what the vendor calls the place of our redirect URL
     */
    private record Kind(String whatToDo, String redirectField) {}

    private static final Map<String, Kind> KINDS = Map.ofEntries(
            Map.entry(
                    "oidc",
                    new Kind(
                            "Make a confidential client with the authorization code flow (in Keycloak: OpenID Connect, “Client"
                                    + " authentication” on, “Standard flow” on). Its client ID, client secret and issuer go into the entry here.",
                            REDIRECT)),
            Map.entry(
                    "saml",
                    new Kind(
                            "Make a SAML application, best by importing our metadata; otherwise enter the two addresses by hand, with"
                                    + " NameID format email address and a signed response or assertion. Have it send the address as"
                                    + " the NameID or as an attribute “email”, and groups as an attribute “groups”. Where it insists"
                                    + " on signed requests (in Keycloak: “Client signature required”), switch on “Sign requests” here,"
                                    + " and let it read our metadata by itself (in Keycloak, on the Keys tab: “Use metadata"
                                    + " descriptor URL”), because our key changes every few weeks. Its metadata, as an address or a file, goes into the entry here.",
                            "Assertion consumer service (ACS, reply URL)")),
            Map.entry(
                    "google",
                    new Kind(
                            "In the Google Cloud console, under APIs & Services, Credentials, make an OAuth client ID of type web"
                                    + " application; its client ID and secret go into the entry here.",
                            "Authorized redirect URIs")),
            Map.entry(
                    "google-apps",
                    new Kind(
                            "In the Google Cloud console, under APIs & Services, make an OAuth client ID of type web application and"
                                    + " switch on the Cloud Identity API; its client ID and secret and your Workspace domain go into"
                                    + " the entry here. In the Admin console trust that client to read groups. Groups within groups"
                                    + " are told in Enterprise editions only, and groups whose members are hidden from their own"
                                    + " members are not told, so exclude nobody by those.",
                            "Authorized redirect URIs")),
            Map.entry(
                    "azureAD",
                    new Kind(
                            "In Entra, under App registrations, register an app of this directory only with a redirect URI of platform"
                                    + " Web, and make a client secret; its application (client) ID, the secret's value and the"
                                    + " directory (tenant) ID go into the entry here. To read groups, add the scopes below as"
                                    + " delegated permissions of Microsoft Graph and grant admin consent.",
                            "Redirect URI, platform Web")),
            Map.entry(
                    "okta",
                    new Kind(
                            "In Okta make an app integration of sign-in method OIDC and type web application, and set a groups claim"
                                    + " filter on its Sign On tab; its client ID and secret and your Okta address go into the entry"
                                    + " here. An authorization server of your own needs a scope and a claim called groups as well.",
                            "Sign-in redirect URIs")),
            Map.entry(
                    "onelogin",
                    new Kind(
                            "In OneLogin add the app OpenId Connect (OIDC) and leave the token endpoint's authentication method at"
                                    + " Basic; the client ID and secret of its SSO tab and your OneLogin address go into the entry"
                                    + " here. For groups, set the Groups parameter.",
                            "Redirect URI's, on the Configuration tab")),
            Map.entry(
                    "pingone",
                    new Kind(
                            "In PingOne add an application of type OIDC Web App, allow it the scopes below on its Resources tab, and"
                                    + " switch it on; its client ID, client secret and environment ID go into the entry here.",
                            "Redirect URIs")),
            Map.entry(
                    "centrify",
                    new Kind(
                            "In CyberArk Identity (once Centrify) add a custom web app of type OpenID Connect; the client ID and secret"
                                    + " of its Trust page, your tenant address and the application ID of its Settings page go into"
                                    + " the entry here.",
                            "Authorized Redirect URIs, on the Trust page")),
            Map.entry(
                    "github",
                    new Kind(
                            "On GitHub make an OAuth app, best in your organisation, and let the organisation approve it; otherwise"
                                    + " its teams stay hidden. Its client ID and a client secret go into the entry here.",
                            "Authorization callback URL")),
            Map.entry(
                    "facebook",
                    new Kind(
                            "At Meta for Developers make an app with Facebook Login for the web and ask for advanced access to email"
                                    + " and public_profile; its app ID and app secret go into the entry here.",
                            "Valid OAuth Redirect URIs")),
            Map.entry(
                    "linkedin",
                    new Kind(
                            "At LinkedIn make an app and add the product Sign In with LinkedIn using OpenID Connect, which brings the"
                                    + " scopes below; its client ID and client secret go into the entry here.",
                            "Authorized redirect URLs for your app, on the Auth tab")),
            Map.entry(
                    "yandex",
                    new Kind(
                            "At Yandex OAuth make an app for user authorization with the platform Web services and the permissions"
                                    + " for the email address and for the name; its client ID and client secret go into the entry"
                                    + " here.",
                            "Redirect URI")),
            Map.entry(
                    "onetimepin",
                    new Kind("Nothing is made elsewhere; spring.mail.host must name a mail server.", "")));

    private final TeamDomain team;

    ProviderSetup(TeamDomain team) {
        this.team = team;
    }

    /** All types. */
    ArrayNode all() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        KINDS.keySet().stream().sorted().forEach(type -> all.add(of(type, ProviderScopes.withGroups(type), null)));
        return all;
    }

    /**
     * One type, with the scopes it is asked for.
     *
     * @param id the entry's, for the addresses that it alone has; null while there is none
     */
    ObjectNode of(String type, List<String> scopes, @Nullable UUID id) {
        Kind kind = KINDS.getOrDefault(type, new Kind("", REDIRECT));
        ObjectNode setup = JsonNodeFactory.instance.objectNode().put("type", type);
        setup.put("what_to_do", kind.whatToDo());
        if (type.equals("onetimepin")) {
            return setup;
        }
        String callback = team.callback();
        String own = id == null ? ID : id.toString();
        setup.put("redirect_url", callback).put("redirect_field", kind.redirectField());
        if (type.equals("saml")) {
            setup.put("entity_id", callback);
            setup.put("metadata_url", callback.replaceFirst("callback$", "saml-metadata"));
            setup.put("own_metadata_url", callback.replaceFirst("callback$", own + "/saml-metadata"));
            return setup;
        }
        ArrayNode wanted = setup.putArray("scopes");
        scopes.forEach(wanted::add);
        if (type.equals("oidc")) {
            setup.put("backchannel_logout_url", callback.replaceFirst("callback$", "backchannel-logout/" + own));
        }
        return setup;
    }
}
