package io.sallyport.control;

import io.sallyport.snapshot.ProviderScopes;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What to enter at each kind of provider before it can be entered here: addresses, scopes, and the place they go. */
final class ProviderSetup {
    /** In one sentence each: what to make there, and what comes back from there. */
    private static final Map<String, String> WHAT_TO_DO = Map.ofEntries(
            Map.entry(
                    "oidc",
                    "Make a confidential client for the authorization code grant; its client_id, client_secret and issuer go into config."),
            Map.entry(
                    "saml",
                    "Make a SAML application with NameID format e-mail and signed responses; its metadata goes into config.metadata_url or config.metadata_xml."),
            Map.entry(
                    "google",
                    "In the Google Cloud console make an OAuth client of type web application; its ID and secret go into config."),
            Map.entry(
                    "google-apps",
                    "In the Google Cloud console make an OAuth client of type web application and switch on the Cloud Identity API; config.apps_domain is your Workspace domain. Groups within groups are told in Enterprise editions only, and groups whose members are hidden from their own members are not told, so exclude nobody by those."),
            Map.entry(
                    "azureAD",
                    "In Entra make an app registration of one tenant with a redirect URI of platform web and a client secret; for support_groups an administrator consents to the delegated permissions."),
            Map.entry(
                    "okta",
                    "In Okta make an OIDC web application and add a groups claim to its ID token; config.okta_account is your Okta address."),
            Map.entry(
                    "onelogin",
                    "In OneLogin make an OpenID Connect application with token endpoint method basic; config.onelogin_account is your OneLogin address."),
            Map.entry(
                    "pingone",
                    "In PingOne make an OIDC web application and release the attribute email; config.ping_env_id is the environment's id."),
            Map.entry(
                    "centrify",
                    "In Centrify make an OpenID Connect application; config.centrify_account is its tenant address and config.centrify_app_id the application's id."),
            Map.entry(
                    "github",
                    "On GitHub make an OAuth app, best in your organisation, and let the organisation approve it; otherwise its teams stay hidden."),
            Map.entry(
                    "facebook",
                    "At Meta for Developers make an app with Facebook Login for the web; the app ID is config.client_id, the app secret config.client_secret."),
            Map.entry(
                    "linkedin",
                    "At LinkedIn make an app with the product Sign In with LinkedIn using OpenID Connect; its credentials go into config."),
            Map.entry("yandex", "At Yandex OAuth make a web service application; its ID and secret go into config."),
            Map.entry("onetimepin", "Nothing is made elsewhere; spring.mail.host must name a mail server."));

    private final TeamDomain team;

    ProviderSetup(TeamDomain team) {
        this.team = team;
    }

    /** All types. */
    ArrayNode all() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        WHAT_TO_DO.keySet().stream().sorted().forEach(type -> all.add(of(type, ProviderScopes.withGroups(type))));
        return all;
    }

    /** One type, with the scopes it is asked for. */
    ObjectNode of(String type, List<String> scopes) {
        ObjectNode setup = JsonNodeFactory.instance.objectNode().put("type", type);
        setup.put("what_to_do", WHAT_TO_DO.getOrDefault(type, ""));
        if (type.equals("onetimepin")) {
            return setup;
        }
        setup.put("redirect_url", team.callback());
        if (type.equals("saml")) {
            setup.put("entity_id", team.callback());
            setup.put("metadata_url", team.callback().replaceFirst("callback$", "saml-metadata"));
            return setup;
        }
        ArrayNode wanted = setup.putArray("scopes");
        scopes.forEach(wanted::add);
        return setup;
    }
}
