package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every kind of provider against a server that answers in that provider's documented shapes. */
class ProviderPresetsIT {
    private static final String HOST = "presets.localhost";

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static LoginServer world;
    private static FakeIdp idp;

    private final Visitor visitor = new Visitor();

    @BeforeAll
    static void start() {
        world = LoginServer.shared();
        idp = FakeIdp.start();
        world.application(HOST, world.policy("Presets", "example.com"), "");
    }

    @AfterEach
    void behave() {
        idp.behave();
    }

    @AfterAll
    static void stop() {
        idp.close();
    }

    /** A provider of that type, signed in to as Ada; what get-identity then says. */
    private JsonNode signIn(String type, String config) {
        Answer end = attempt(type, config);
        assertThat(end.url()).as("%s", end.body()).isEqualTo(world.url(HOST, "/start"));
        return JsonMapper.shared()
                .readTree(visitor.get(world.url(HOST, "/cdn-cgi/access/get-identity"))
                        .body());
    }

    private Answer attempt(String type, String config) {
        String name = type + " " + NUMBER.incrementAndGet();
        AdminClient admin = world.admin;
        admin.post("/access/identity_providers", """
                {"name":"%s","type":"%s","config":{"client_id":"%s","client_secret":"%s",%s}}""".formatted(name, type, FakeIdp.CLIENT, FakeIdp.SECRET, config));
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        new Visitor().open(world.url(HOST, "/start")).body().contains("Continue with " + name));
        Answer page = visitor.open(world.url(HOST, "/start"));
        return visitor.follow(visitor.get(world.url(LoginServer.TEAM, page.link("Continue with " + name))));
    }

    private static String endpoints(String issuer) {
        return "\"issuer\":\"%s\",\"auth_url\":\"%s/authorize\",\"token_url\":\"%s/token\",\"certs_url\":\"%s/keys\""
                .formatted(issuer, idp.issuer(), idp.issuer(), idp.issuer());
    }

    private static List<String> groups(JsonNode identity) {
        return identity.path("groups")
                .valueStream()
                .map(each ->
                        each.isString() ? each.asString() : each.path("name").asString(""))
                .toList();
    }

    private static Map<String, String> asked() {
        return idp.authorizations().getLast();
    }

    @Test
    void oktaByItsOrgServerTellsGroupsInTheToken() {
        idp.at("/oauth2/v1/authorize", "/authorize")
                .at("/oauth2/v1/token", "/token")
                .at("/oauth2/v1/keys", "/keys");
        JsonNode identity = signIn("okta", "\"okta_account\":\"%s\"".formatted(idp.issuer()));
        assertThat(identity.path("email").asString("")).isEqualTo("ada@example.com");
        assertThat(identity.path("idp").path("type").asString("")).isEqualTo("okta");
        assertThat(groups(identity)).containsExactly("engineers", "owls");
        assertThat(asked().get("scope")).contains("groups");
        assertThat(asked()).containsKey("code_challenge");
    }

    private static FakeIdp.Misbehaviour thin() {
        return new FakeIdp.Misbehaviour().claims(claims -> {
            claims.keySet().removeAll(List.of("Groups", "email_verified", "department"));
            return claims;
        });
    }

    @Test
    void oktasThinTokenIsCompletedAtTheUserinfoEndpoint() {
        idp.misbehave(thin());
        idp.api("/oauth2/v1/userinfo", """
                {"sub":"ada","email":"ada@example.com","email_verified":false,"name":"Somebody",
                 "groups":["Everyone","owls"],"department":"research"}""");
        JsonNode identity = signIn("okta", okta() + ",\"claims\":[\"department\"]");
        assertThat(groups(identity)).containsExactly("Everyone", "owls");
        assertThat(identity.path("oidc_fields").path("department").asString("")).isEqualTo("research");
        assertThat(identity.path("name").asString("")).as("of the ID token").isEqualTo("Ada");
    }

    /** A groups claim holds a hundred; with an API token all of them are read, page by page. */
    @Test
    void oktasUsersApiTellsAllGroupsToWhoHasItsToken() {
        idp.takes("00ssws")
                .api("/api/v1/users/ada/groups?limit=200", "[{\"id\":\"g1\",\"profile\":{\"name\":\"Everyone\"}}]")
                .goesOn("/api/v1/users/ada/groups?limit=200", "/api/v1/users/ada/groups?after=g1&limit=200")
                .api(
                        "/api/v1/users/ada/groups?after=g1&limit=200",
                        "[{\"id\":\"g2\",\"profile\":{\"name\":\"night owls\"}}]");
        JsonNode identity = signIn("okta", okta() + ",\"api_token\":\"00ssws\"");
        assertThat(groups(identity)).containsExactly("Everyone", "night owls");
        assertThat(idp.calls()).contains("SSWS /api/v1/users/ada/groups?limit=200");
    }

    @Test
    void fc06_oktasGroupsThatMayNotBeReadEndTheSignIn() {
        idp.api("/api/v1/users/ada/groups?limit=200", "[]");
        assertThat(attempt("okta", okta() + ",\"api_token\":\"00gone\"").body())
                .contains("does not tell your groups (401)", "renews the API token")
                .doesNotContain("00gone");
    }

    @Test
    void oi06_aUserinfoAnswerOfSomebodyElseIsRefused() {
        idp.misbehave(thin());
        idp.api("/oauth2/v1/userinfo", "{\"sub\":\"eve\",\"groups\":[\"admins\"]}");
        assertThat(attempt("okta", okta()).body()).contains("could not be verified");
    }

    @Test
    void fc06_aUserinfoEndpointThatDoesNotAnswerEndsTheSignIn() {
        idp.misbehave(thin());
        idp.api("/oauth2/v1/userinfo", "no JSON");
        assertThat(attempt("okta", okta()).body()).contains("does not answer just now");
        idp.api("/oauth2/v1/userinfo", "null");
        assertThat(attempt("okta", okta()).body()).contains("did not say who you are");
    }

    @Test
    void pingOneMayTellTheAddressAtTheUserinfoEndpoint() {
        idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.keySet().removeAll(List.of("Groups", "email", "email_verified"));
            return claims;
        }));
        String config = endpoints(idp.issuer()) + ",\"ping_env_id\":\"env\",\"api_url\":\"" + idp.issuer() + "/ping\"";
        idp.api("/ping", "{\"sub\":\"ada\",\"email\":\"ada@example.com\",\"email_verified\":false}");
        assertThat(attempt("pingone", config).body()).contains("has not verified your email");
        idp.api("/ping", "{\"sub\":\"ada\",\"email\":\"ada@example.com\",\"email_verified\":true}");
        assertThat(signIn("pingone", config).path("email").asString("")).isEqualTo("ada@example.com");
    }

    @Test
    void oi11_anAddressWhoseDomainEntraDoesNotVouchForIsNobodys() {
        idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.remove("email_verified");
            claims.put("xms_edov", false);
            return claims;
        }));
        assertThat(attempt("azureAD", entra(false)).body()).contains("has not verified your email");
        idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.remove("email_verified");
            claims.put("xms_edov", 1);
            return claims;
        }));
        assertThat(signIn("azureAD", entra(false)).path("email").asString("")).isEqualTo("ada@example.com");
    }

    @Test
    void oneLoginHasItsIssuerBelowTheAccount() {
        idp.at("/oidc/2/auth", "/authorize").at("/oidc/2/token", "/token").at("/oidc/2/certs", "/keys");
        idp.misbehave(new FakeIdp.Misbehaviour().claim("iss", idp.issuer() + "/oidc/2"));
        assertThat(signIn("onelogin", "\"onelogin_account\":\"%s\"".formatted(idp.issuer()))
                        .path("email")
                        .asString(""))
                .isEqualTo("ada@example.com");
    }

    @Test
    void oi11_cyberArkSaysWhetherAnAddressIsVerifiedAndIsHeldToIt() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email_verified", null));
        String config = endpoints(idp.issuer())
                + ",\"centrify_account\":\"%s\",\"centrify_app_id\":\"app1\"".formatted(idp.issuer());
        assertThat(attempt("centrify", config).body()).contains("does not say whether your email");
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email_verified", "True"));
        assertThat(signIn("centrify", config).path("email").asString("")).isEqualTo("ada@example.com");
    }

    @Test
    void centrifyNamesItsApplicationInThePath() {
        idp.at("/OAuth2/Authorize/app1", "/authorize")
                .at("/OAuth2/Token/app1", "/token")
                .at("/OAuth2/Keys/app1", "/keys");
        assertThat(signIn(
                                "centrify",
                                "\"centrify_account\":\"%s\",\"centrify_app_id\":\"app1\"".formatted(idp.issuer()))
                        .path("email")
                        .asString(""))
                .isEqualTo("ada@example.com");
    }

    @Test
    void googleIsOpenIdConnectAndNothingElse() {
        assertThat(signIn("google", endpoints(idp.issuer())).path("email").asString(""))
                .isEqualTo("ada@example.com");
        assertThat(asked().get("scope")).isEqualTo("openid email profile");
    }

    @Test
    void oi11_anAddressThatGoogleHasNotVerifiedIsNobodys() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email_verified", false));
        assertThat(attempt("google", endpoints(idp.issuer())).body()).contains("has not verified your email");
    }

    @Test
    void oi11_anAddressOfWhichGoogleSaysNothingIsNobodys() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email_verified", null));
        assertThat(attempt("google", endpoints(idp.issuer())).body()).contains("does not say whether your email");
    }

    private static String okta() {
        idp.at("/oauth2/v1/authorize", "/authorize")
                .at("/oauth2/v1/token", "/token")
                .at("/oauth2/v1/keys", "/keys");
        return "\"okta_account\":\"%s\"".formatted(idp.issuer());
    }

    @Test
    void oi11_theDirectoryOfACompanyIsTrustedForAddresses() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email_verified", null));
        assertThat(signIn("okta", okta()).path("email").asString("")).isEqualTo("ada@example.com");
    }

    @Test
    void oi11_unlessItSaysOtherwise() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email_verified", false));
        assertThat(attempt("okta", okta()).body()).contains("has not verified your email");
    }

    @Test
    void oi11_aClaimThatAnAdminNamedAsTheAddressIsTrusted() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("email_verified", null));
        String named = "\"issuer\":\"%s\",\"email_claim_name\":\"email\"".formatted(idp.issuer());
        assertThat(signIn("oidc", named).path("email").asString("")).isEqualTo("ada@example.com");
    }

    private static final String OF_ADA =
            "?query=member_key_id%20%3D%3D%20%27ada%40example.com%27%20%26%26%20%27cloudidentity.googleapis.com%2F"
                    + "groups.discussion_forum%27%20in%20labels&pageSize=200";
    private static final String WHOLE = "/groups/-/memberships:searchTransitiveGroups" + OF_ADA;
    private static final String DIRECT = "/groups/-/memberships:searchDirectGroups" + OF_ADA;
    private static final String FORBIDDEN =
            "{\"error\":{\"code\":403,\"message\":\"Error(2028): Permission denied\",\"status\":\"PERMISSION_DENIED\"}}";

    private static String workspace() {
        idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.remove("Groups");
            claims.put("hd", "example.com");
            return claims;
        }));
        return endpoints(idp.issuer()) + ",\"apps_domain\":\"example.com\",\"api_url\":\"" + idp.issuer()
                + "/groups/-/memberships\"";
    }

    private static String membership(String id, String address, String name) {
        return "{\"groupKey\":{\"id\":\"%s\"},\"group\":\"groups/%s\",\"displayName\":\"%s\"}"
                .formatted(address, id, name);
    }

    @Test
    void googleWorkspaceIsAskedForGroupsPageByPage() {
        idp.api(
                        WHOLE,
                        "{\"memberships\":[%s],\"nextPageToken\":\"n=2\"}"
                                .formatted(membership("01", "eng@example.com", "Engineers")))
                .api(
                        WHOLE + "&pageToken=n%3D2",
                        "{\"memberships\":[%s]}".formatted(membership("02", "owls@example.com", "Owls")));
        JsonNode identity = signIn("google-apps", workspace());
        assertThat(groups(identity)).containsExactly("Engineers", "Owls");
        assertThat(identity.at("/groups/0/email").asString()).isEqualTo("eng@example.com");
        assertThat(identity.at("/groups/0/id").asString()).isEqualTo("01");
        assertThat(asked()).containsEntry("hd", "example.com");
        assertThat(asked().get("scope")).contains("cloud-identity.groups.readonly");
    }

    /** Of nobody but administrators are all groups told in most editions. */
    @Test
    void whoseGroupsGoogleDoesNotTellAllAreReadAsFarAsItTells() {
        idp.refuse(WHOLE, 403, FORBIDDEN)
                .api(DIRECT, "{\"memberships\":[%s]}".formatted(membership("01", "eng@example.com", "Engineers")));
        assertThat(groups(signIn("google-apps", workspace()))).containsExactly("Engineers");
    }

    @Test
    void whoseGroupsGoogleDoesNotTellAtAllIsToldWhatIsMissing() {
        idp.refuse(WHOLE, 403, FORBIDDEN).refuse(DIRECT, 403, FORBIDDEN);
        assertThat(attempt("google-apps", workspace()).body()).contains("switches on the Cloud Identity API");
    }

    @Test
    void fc06_aSecondPageThatGoogleDoesNotTellEndsTheSignIn() {
        idp.api(
                        WHOLE,
                        "{\"memberships\":[%s],\"nextPageToken\":\"2\"}"
                                .formatted(membership("01", "eng@example.com", "Engineers")))
                .refuse(WHOLE + "&pageToken=2", 500, "{}");
        assertThat(attempt("google-apps", workspace()).body()).contains("does not tell your groups (500)");
    }

    @Test
    void oi11_anAccountOutsideTheWorkspaceIsRefusedWhateverItsAddressSays() {
        String config = endpoints(idp.issuer()) + ",\"apps_domain\":\"example.com\"";
        assertThat(attempt("google-apps", config).body()).contains("Use your example.com account");
    }

    @Test
    void entraWithManyGroupsIsReadThroughGraph() {
        idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.remove("email");
            claims.remove("email_verified");
            claims.remove("Groups");
            claims.put("preferred_username", "ada@example.com");
            claims.put("_claim_names", Map.of("groups", "src1"));
            claims.put("_claim_sources", Map.of("src1", Map.of("endpoint", "https://evil.example/")));
            return claims;
        }));
        idp.api("/graph", """
                        {"@odata.nextLink":"%s/graph?$skiptoken=2","value":[
                         {"@odata.type":"#microsoft.graph.group","id":"aaaa","displayName":"Engineers"},
                         {"@odata.type":"#microsoft.graph.directoryRole","id":"cccc","displayName":"Global Reader"}]}""".formatted(idp.issuer()))
                .api("/graph?$skiptoken=2", "{\"value\":[{\"id\":\"bbbb\",\"displayName\":\"Owls\"}]}");
        JsonNode identity = signIn("azureAD", entra(true));
        assertThat(identity.path("email").asString("")).isEqualTo("ada@example.com");
        assertThat(groups(identity)).containsExactly("Engineers", "Owls");
        assertThat(asked().get("scope")).contains("GroupMember.Read.All");
    }

    @Test
    void oi08_entrasNextPageLeadsNowhereElse() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("Groups", null));
        idp.api("/graph", "{\"@odata.nextLink\":\"https://evil.example/\",\"value\":[]}");
        assertThat(attempt("azureAD", entra(true)).body()).contains("leads elsewhere");
    }

    @Test
    void fc06_aDirectoryThatDoesNotAnswerEndsTheSignIn() {
        idp.misbehave(new FakeIdp.Misbehaviour().claim("Groups", null));
        assertThat(attempt("azureAD", entra(true).replace("/graph", "/nowhere")).body())
                .contains("does not tell your groups");
    }

    @Test
    void oi11_entraOfAllDirectoriesIsRefusedAtWrite() {
        assertThat(world.admin
                        .call(
                                "POST",
                                "/access/identity_providers",
                                "{\"name\":\"All\",\"type\":\"azureAD\",\"config\":{\"client_id\":\"a\",\"client_secret\":\"b\","
                                        + "\"directory_id\":\"common\"}}")
                        .envelope()
                        .toString())
                .contains("directory_id");
    }

    private static String entra(boolean groups) {
        return endpoints(idp.issuer())
                + ",\"directory_id\":\"6b2ff0a5-9a39-4c2e-8a2b-3a5a9f2f1c11\",\"support_groups\":%s,\"api_url\":\"%s/graph\""
                        .formatted(groups, idp.issuer());
    }

    @Test
    void pingOneIsOpenIdConnect() {
        assertThat(signIn("pingone", endpoints(idp.issuer()) + ",\"ping_env_id\":\"env\"")
                        .path("email")
                        .asString(""))
                .isEqualTo("ada@example.com");
    }

    private static String oauth(String api) {
        return "\"auth_url\":\"%s/authorize\",\"token_url\":\"%s/token\",\"api_url\":\"%s\""
                .formatted(idp.issuer(), idp.issuer(), idp.issuer() + api);
    }

    @Test
    void gitHubTellsAddressOrganisationsAndTeamsByItsApi() {
        idp.api("/github/user", "{\"login\":\"ada\",\"id\":1,\"name\":\"Ada L\",\"email\":null}")
                .api("/github/user/emails?per_page=100", """
                        [{"email":"old@example.com","primary":false,"verified":true,"visibility":null},
                         {"email":"ada@example.com","primary":true,"verified":true,"visibility":"private"}]""")
                .api("/github/user/orgs?per_page=100&page=1", "[{\"login\":\"acme\",\"id\":7}]")
                .api(
                        "/github/user/teams?per_page=100&page=1",
                        "[{\"slug\":\"owls\",\"name\":\"Owls\",\"organization\":{\"login\":\"acme\"}}]");
        JsonNode identity = signIn("github", oauth("/github"));
        assertThat(identity.path("email").asString("")).isEqualTo("ada@example.com");
        assertThat(identity.path("name").asString("")).isEqualTo("Ada L");
        assertThat(groups(identity)).containsExactly("acme", "acme/owls");
        assertThat(asked().get("scope")).isEqualTo("read:user user:email read:org");
    }

    @Test
    void oi11_aGitHubAddressCountsOnlyWhenPrimaryAndVerified() {
        idp.api("/unverified/user", "{\"login\":\"ada\",\"id\":1,\"name\":null}")
                .api("/unverified/user/emails?per_page=100", """
                        [{"email":"ada@example.com","primary":true,"verified":false},
                         {"email":"ada@other.example","primary":false,"verified":true}]""");
        assertThat(attempt("github", oauth("/unverified")).body()).contains("no verified primary email");
    }

    @Test
    void facebookIsAskedForTheProfile() {
        idp.api("/facebook", "{\"id\":\"1\",\"name\":\"Ada L\",\"email\":\"ada\\u0040example.com\"}");
        assertThat(signIn("facebook", oauth("/facebook")).path("email").asString(""))
                .isEqualTo("ada@example.com");
        assertThat(asked()).doesNotContainKey("code_challenge");
    }

    @Test
    void aFacebookProfileWithoutAnAddressIsNobody() {
        idp.api("/facebook-without", "{\"id\":\"1\",\"name\":\"Ada L\"}");
        assertThat(attempt("facebook", oauth("/facebook-without")).body()).contains("did not tell your email");
    }

    @Test
    void linkedInSaysWhetherTheAddressIsVerified() {
        idp.api("/linkedin", """
                {"sub":"782bbtaQ","name":"Ada L","email":"ada@example.com","email_verified":true}""");
        assertThat(signIn("linkedin", oauth("/linkedin")).path("email").asString(""))
                .isEqualTo("ada@example.com");
        assertThat(asked()).doesNotContainKey("code_challenge");
    }

    @Test
    void oi11_aLinkedInAddressThatIsNotVerifiedIsNobodys() {
        idp.api("/linkedin-unverified", """
                {"sub":"782bbtaQ","name":"Ada L","email":"ada@example.com","email_verified":false}""");
        assertThat(attempt("linkedin", oauth("/linkedin-unverified")).body()).contains("has not verified your email");
    }

    @Test
    void yandexIsAskedWithItsOwnScheme() {
        idp.api("/yandex", """
                {"id":"1","login":"ada","default_email":"ada@example.com","real_name":"Ada L"}""");
        assertThat(signIn("yandex", oauth("/yandex")).path("email").asString(""))
                .isEqualTo("ada@example.com");
        assertThat(idp.calls()).contains("OAuth /yandex");
        assertThat(asked()).containsKey("code_challenge");
    }
}
