package io.sallyport.control;

import io.sallyport.http.HostName;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An identity provider as a request describes it, validated per type. Secrets are taken out of the body:
 * they are stored enveloped and never returned (AD-05).
 *
 * @param body {@code config} and {@code scim_config} without secrets and computed members, and whatever else was sent
 * @param secrets the secret members of {@code config} that were sent; a missing one keeps what is stored
 */
record IdentityProviderDraft(String type, String name, ObjectNode body, ObjectNode secrets) {
    /** Members of {@code config} that are secret. */
    static final Set<String> SECRETS = Set.of("client_secret", "api_token");

    private static final Set<String> TYPES = Set.of(
            "onetimepin",
            "oidc",
            "saml",
            "azureAD",
            "google",
            "google-apps",
            "okta",
            "onelogin",
            "pingone",
            "centrify",
            "github",
            "facebook",
            "linkedin",
            "yandex");

    private static final Set<String> WITHOUT_CLIENT = Set.of("onetimepin", "saml");

    /** Members of {@code config} each type cannot do without. With an issuer, discovery finds the endpoints of {@code oidc}. */
    private static final Map<String, List<String>> REQUIRED = Map.of(
            "saml", List.of("issuer_url", "sso_target_url"),
            "azureAD", List.of("directory_id"),
            "google-apps", List.of("apps_domain"),
            "okta", List.of("okta_account"),
            "onelogin", List.of("onelogin_account"),
            "pingone", List.of("ping_env_id"),
            "centrify", List.of("centrify_account", "centrify_app_id"));

    private static final List<String> ADDRESSES =
            List.of("auth_url", "token_url", "certs_url", "issuer", "api_url", "sso_target_url");
    /** A host, or its address. */
    private static final List<String> ACCOUNTS = List.of("okta_account", "onelogin_account", "centrify_account");
    /** Parts of the provider's addresses. */
    private static final List<String> PATH_PARTS =
            List.of("authorization_server_id", "directory_id", "ping_env_id", "centrify_app_id");

    private static final Pattern PATH_PART = Pattern.compile("[A-Za-z0-9._~-]+");
    /** Those of them that decide whom a login, or the doctor, shows the secrets to. */
    private static final List<String> SECRETS_GO_TO =
            List.of("token_url", "issuer", "api_url", "okta_account", "onelogin_account", "centrify_account");

    private static final List<String> FLAGS = List.of(
            "pkce_enabled",
            "sign_request",
            "enable_encryption",
            "force_authn",
            "conditional_access_enabled",
            "support_groups",
            "use_login_hint");
    private static final List<String> NAME_LISTS = List.of("scopes", "claims", "attributes");

    private static final Set<String> NOT_IN_BODY =
            Set.of("id", "uid", "created_at", "updated_at", "read_only", "name", "type", "config", "scim_config");

    /** Reads and validates. */
    static IdentityProviderDraft read(Fields fields) {
        String type = fields.oneOf("type", TYPES).orElseThrow(() -> fields.invalid("type", "is required"));
        String name = fields.requiredLine("name", Limits.NAME);
        Optional<Fields> given = fields.object("config");
        if (given.isEmpty() && !type.equals("onetimepin")) {
            throw fields.invalid("config", "is required");
        }
        if (type.equals("saml")) {
            SamlConfig.checkEncryption(fields);
        }
        ObjectNode body = fields.keptExcept(NOT_IN_BODY);
        ObjectNode secrets = JsonNodeFactory.instance.objectNode();
        ObjectNode config = body.putObject("config");
        given.ifPresent(each -> {
            check(type, each);
            config.setAll(each.keptExcept(Set.of("redirect_url")));
            SECRETS.forEach(secret -> moveText(secret, config, secrets));
        });
        putScim(fields, type, body);
        return new IdentityProviderDraft(type, name, body, secrets);
    }

    /**
     * Who may write a provider and not read its secrets must not get one by having it sent to an address of their own (AD-05): where
     * such an address changes, the stored secrets must be known.
     *
     * @param before the stored {@code config}
     * @param stored the stored secrets
     */
    void requireSecretsFor(JsonNode before, ObjectNode stored, Fields provider) {
        JsonNode after = body.path("config");
        boolean elsewhere = SECRETS_GO_TO.stream()
                .anyMatch(address -> !before.path(address)
                        .asString("")
                        .equals(after.path(address).asString("")));
        for (String name : stored.propertyNames()) {
            if (elsewhere && !secrets.has(name)) {
                throw provider.object("config")
                        .orElse(provider)
                        .invalid(name, "must be sent again, because it would go to another address than before");
            }
        }
    }

    private static void check(String type, Fields config) {
        if (!WITHOUT_CLIENT.contains(type)) {
            config.requiredLine("client_id", 1024);
        }
        SECRETS.forEach(secret -> config.text(secret, 4096));
        REQUIRED.getOrDefault(type, List.of()).forEach(name -> config.requiredLine(name, Limits.URL));
        if (type.equals("oidc") && !config.has("issuer")) {
            List.of("auth_url", "token_url", "certs_url").forEach(name -> config.requiredLine(name, Limits.URL));
        }
        ADDRESSES.forEach(config::webAddress);
        ACCOUNTS.forEach(account -> checkAccount(config, account));
        PATH_PARTS.forEach(part -> checkPathPart(config, part));
        FLAGS.forEach(config::flag);
        NAME_LISTS.forEach(list -> config.lines(list, 100, 300));
        config.line("email_claim_name", 300);
        config.line("email_attribute_name", 300);
        checkPrompt(type, config);
        if (type.equals("saml")) {
            SamlConfig.check(config);
        }
        config.integer("max_sso_url_length", 0, 1_000_000);
    }

    private static void checkAccount(Fields config, String name) {
        Optional<String> account = config.line(name, Limits.URL);
        if (account.filter(text -> text.contains("://")).isPresent()) {
            config.webAddress(name);
        } else if (account.filter(
                        text -> HostName.parse(text.replaceAll("/+$", "")).isEmpty())
                .isPresent()) {
            throw config.invalid(name, "must be the account's host, such as acme.example.com, or its https address");
        }
    }

    private static void checkPathPart(Fields config, String name) {
        if (config.line(name, Limits.URL)
                .filter(part -> !PATH_PART.matcher(part).matches())
                .isPresent()) {
            throw config.invalid(name, "must be the id alone: letters, digits, dots, dashes, tildes and underscores");
        }
    }

    private static void checkPrompt(String type, Fields config) {
        if (type.equals("azureAD")) {
            String directory = config.text("directory_id", Limits.URL).orElse("");
            if (Set.of("common", "organizations", "consumers").contains(directory.toLowerCase(Locale.ROOT))) {
                throw config.invalid(
                        "directory_id", "must be one directory: in all of them anybody can claim any address");
            }
            config.oneOf("prompt", Set.of("login", "select_account", "none"));
        } else if (type.equals("google-apps")) {
            config.oneOf("prompt", Set.of("none", "consent", "select_account"));
        }
    }

    /** One-time PIN has no directory behind it, and Terraform refuses to see the member there. */
    private static void putScim(Fields fields, String type, ObjectNode body) {
        Optional<Fields> given = fields.object("scim_config");
        if (type.equals("onetimepin")) {
            if (given.isPresent() && given.get().isSet("enabled")) {
                throw fields.invalid("scim_config", "is not possible for one-time PIN");
            }
            return;
        }
        ObjectNode scim = body.putObject("scim_config")
                .put("enabled", false)
                .put("user_deprovision", false)
                .put("seat_deprovision", false)
                .put("identity_update_behavior", "no_action");
        given.ifPresent(each -> {
            ScimConfig.checkInbound(each);
            scim.setAll(each.keptExcept(Set.of("secret", "scim_base_url")));
        });
    }

    private static void moveText(String name, ObjectNode from, ObjectNode to) {
        JsonNode value = from.remove(name);
        if (value != null) {
            to.set(name, value);
        }
    }
}
