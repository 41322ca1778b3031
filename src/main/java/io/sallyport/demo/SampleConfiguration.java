package io.sallyport.demo;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Creates the demo's application, sign-in method and origin through the admin API. Existing objects are not changed, so
 * that changes to the policy survive a restart of the demo.
 */
final class SampleConfiguration {
    static final String HOST = "wiki.localhost";
    /** Not "demo", which is the name of the tunnel in the README. */
    private static final String TUNNEL = "sample-wiki";

    static final String STAFF_DOMAIN = "example.com";

    private final AdminApi api;
    private final String account;

    SampleConfiguration(AdminApi api) {
        this.api = api;
        this.account = "/accounts/" + api.get("/accounts").get(0).get("id").asString();
    }

    /** The path of the account's resources below {@code /client/v4}. */
    String account() {
        return account;
    }

    /**
     * Makes what is missing; returns the application's id.
     *
     * @param originUrl where the sample origin listens this time
     */
    Made ensure(String originUrl) {
        if (find("/access/identity_providers", "type", "onetimepin").isEmpty()) {
            api.post(
                    account + "/access/identity_providers",
                    Map.of("name", "One-time PIN", "type", "onetimepin", "config", Map.of()));
        }
        String token = ensureTunnel(originUrl);
        String application = find("/access/apps", "domain", HOST)
                .orElseGet(this::createApplication)
                .get("id")
                .asString();
        return new Made(application, token);
    }

    /**
     * What there is now.
     *
     * @param tunnelToken a secret
     */
    record Made(String applicationId, String tunnelToken) {
        @Override
        public String toString() {
            return "Made[" + applicationId + "]";
        }
    }

    /** The sample application is published through a tunnel, as everybody else's; no port of it is open to the gate. */
    private String ensureTunnel(String originUrl) {
        // An origin that the gate reaches itself would claim the same hostname.
        find("/sallyport/origins", "hostname", HOST)
                .ifPresent(direct -> api.delete(
                        account + "/sallyport/origins/" + direct.get("id").asString()));
        String tunnel = find("/cfd_tunnel", "name", TUNNEL)
                .or(this::earlier)
                .orElseGet(() -> api.post(account + "/cfd_tunnel", Map.of("name", TUNNEL, "config_src", "cloudflare")))
                .get("id")
                .asString();
        String path = account + "/cfd_tunnel/" + tunnel;
        List<Map<String, String>> rules =
                List.of(Map.of("hostname", HOST, "service", originUrl), Map.of("service", "http_status:404"));
        api.put(path + "/configurations", Map.of("config", Map.of("ingress", rules)));
        return api.get(path + "/token").asString();
    }

    /** The one that earlier builds made, which holds the hostname: known by where it leads, for its name may be anybody's. */
    private Optional<JsonNode> earlier() {
        return find("/cfd_tunnel", "name", "demo")
                .filter(tunnel -> api.get(
                                account + "/cfd_tunnel/" + tunnel.get("id").asString() + "/configurations")
                        .at("/config/ingress/0/hostname")
                        .asString("")
                        .equals(HOST));
    }

    private JsonNode createApplication() {
        JsonNode policy = api.post(
                account + "/access/policies",
                Map.of(
                        "name",
                        "Staff",
                        "decision",
                        "allow",
                        "include",
                        List.of(Map.of("email_domain", Map.of("domain", STAFF_DOMAIN)))));
        List<String> policies = List.of(policy.get("id").asString());
        api.post(
                account + "/access/apps",
                Map.of("type", "app_launcher", "name", "Your applications", "policies", policies));
        return api.post(
                account + "/access/apps",
                Map.of(
                        "type",
                        "self_hosted",
                        "name",
                        "Team wiki",
                        "domain",
                        HOST,
                        "session_duration",
                        "8h",
                        "policies",
                        policies));
    }

    private Optional<JsonNode> find(String collection, String member, String value) {
        for (JsonNode each : api.get(account + collection
                + (collection.equals("/cfd_tunnel") ? "?is_deleted=false&" : "?") + "per_page=1000")) {
            if (value.equals(each.path(member).asString(""))) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }
}
