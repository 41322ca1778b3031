package io.sallyport.login;

import static io.sallyport.login.LoginServer.BOUND;
import static io.sallyport.login.LoginServer.BRIEF;
import static io.sallyport.login.LoginServer.INSTANT;
import static io.sallyport.login.LoginServer.TEAM;
import static io.sallyport.login.LoginServer.VAULT;
import static io.sallyport.login.LoginServer.WIKI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.FakeIdp.Misbehaviour;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The login protocol over sockets, with a provider that can misbehave. */
class LoginFlowIT {
    private static final String LOGIN = "/cdn-cgi/access/login/";
    private static final String CALLBACK = "/cdn-cgi/access/callback";
    private static final String AUTHORIZED = "/cdn-cgi/access/authorized";

    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    private Answer signIn(Visitor who, String host, String path) {
        return who.follow(who.get(choose(who, host, path)));
    }

    /** The login page's link to the provider, as an absolute URL. */
    private String choose(Visitor who, String host, String path) {
        Answer page = who.open(world.url(host, path));
        assertThat(page.status()).isEqualTo(200);
        return world.url(TEAM, page.link("Continue with Fake"));
    }

    @Test
    void aPersonSignsInAndComesBackToTheirPage() {
        Answer page = signIn(visitor, WIKI, "/docs/start?tab=2&x=%20");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.url()).isEqualTo(world.url(WIKI, "/docs/start?tab=2&x=%20"));
        assertThat(world.site
                        .lastVisitTo("/docs/start?tab=2&x=%20")
                        .headers()
                        .getFirst("Cf-Access-Authenticated-User-Email"))
                .isEqualTo("ada@example.com");
    }

    @Test
    void aSecondApplicationOpensWithoutAQuestion() {
        signIn(visitor, WIKI, "/");
        int asked = world.idp.authorizations().size();

        assertThat(visitor.open(world.url(BOUND, "/x")).status()).isEqualTo(200);
        assertThat(world.idp.authorizations()).hasSize(asked);
    }

    /** Cookies for longer paths come first, and a neighbouring host may plant some for each part of a path and each parent domain. */
    @Test
    void cs04HoweverMuchANeighbourPlantsBeforeThemTheRealCookiesCount() {
        Answer toIdp = visitor.get(choose(visitor, WIKI, "/flooded"));
        String callback = visitor.get(toIdp.header("location")).header("location");
        flood(TEAM, "CF_Session");
        Answer back = visitor.get(callback);
        assertThat(back.status()).as(back.body()).isEqualTo(302);
        flood(WIKI, "CF_AppSession");
        assertThat(visitor.get(back.header("location")).header("location")).isEqualTo("/flooded");

        flood(TEAM, "CF_Authorization");
        int asked = world.idp.authorizations().size();
        assertThat(visitor.open(world.url(BOUND, "/x")).status()).isEqualTo(200);
        assertThat(world.idp.authorizations()).hasSize(asked);
        assertThat(visitor.get(world.url(TEAM, "/account")).status())
                .as("the portal")
                .isEqualTo(200);
    }

    private void flood(String host, String name) {
        String junk = IntStream.range(0, 40)
                .mapToObj(i -> "%043d; %s=".formatted(i, name))
                .collect(Collectors.joining());
        visitor.plant(host, name, junk + visitor.cookie(host, name));
    }

    @Test
    void instantAuthGoesStraightToTheProvider() {
        Answer first = visitor.get(world.url(INSTANT, "/"));
        Answer login = visitor.get(first.header("location"));

        assertThat(login.status()).isEqualTo(302);
        assertThat(login.header("location")).startsWith(world.idp.issuer() + "/authorize?");
    }

    @Test
    void cs01CookiesAreAsTheTableSays() {
        Answer redirect = visitor.get(world.url(WIKI, "/"));
        assertThat(redirect.setCookie("CF_AppSession").orElseThrow())
                .contains("; Path=/", "; Expires=", "; Secure", "; HttpOnly", "; SameSite=None")
                .doesNotContainIgnoringCase("domain=");
        Answer page = visitor.get(redirect.header("location"));
        assertThat(page.setCookie("CF_Session").orElseThrow())
                .contains("; Path=/", "; Expires=", "; Secure", "; HttpOnly", "; SameSite=None")
                .doesNotContainIgnoringCase("domain=");
        Answer toIdp = visitor.get(world.url(TEAM, page.link("Continue with Fake")));
        Answer back = visitor.get(toIdp.header("location"));
        Answer callback = visitor.get(back.header("location"));
        assertThat(callback.setCookie("CF_Authorization").orElseThrow())
                .contains("; Path=/", "; Expires=", "; Secure", "; HttpOnly", "; SameSite=None")
                .doesNotContainIgnoringCase("domain=");
        Answer authorized = visitor.get(callback.header("location"));
        assertThat(authorized.setCookie("CF_Authorization").orElseThrow())
                .contains("; Path=/", "; Expires=", "; Secure", "; HttpOnly", "; SameSite=None")
                .doesNotContainIgnoringCase("domain=");
        assertThat(authorized.header("cache-control")).isEqualTo("no-store");
    }

    @Test
    void anApplicationWithABindingCookieSetsAndAsksForIt() {
        signIn(visitor, BOUND, "/");
        assertThat(visitor.cookie(BOUND, "CF_Binding")).hasSizeGreaterThan(20);

        visitor.plant(BOUND, "CF_Binding", "another");
        assertThat(visitor.get(world.url(BOUND, "/")).status()).isEqualTo(302);
    }

    /** Issue 5: the token carries the groups that policies name, and cookies stay under 4 KB. */
    @Test
    void cs02EveryCookieOfAPersonInFiveThousandGroupsFitsAndOneOfThemLetsThemIn() {
        String provider = world.admin
                .post("/access/identity_providers", """
                        {"name":"Crowded","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s",
                         "claims":["groups"],"pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, world.idp.issuer()))
                .get("id")
                .asString();
        String owls = world.admin
                .post("/access/policies", """
                        {"name":"Owls","decision":"allow","include":[{"oidc":{"identity_provider_id":"%s",
                         "claim_name":"groups","claim_value":"engineering/owls/4999"}}]}""".formatted(provider))
                .get("id")
                .asString();
        world.application(
                "crowd.localhost",
                owls,
                ",\"allowed_idps\":[\"%s\"],\"auto_redirect_to_identity\":true".formatted(provider));
        await("the application")
                .until(() -> visitor.get(world.url("crowd.localhost", "/")).status() == 302);
        world.idp.misbehave(new Misbehaviour().claims(claims -> {
            claims.remove("Groups");
            claims.put(
                    "groups",
                    IntStream.range(0, 5000)
                            .mapToObj(i -> "engineering/owls/" + i)
                            .toList());
            return claims;
        }));
        Answer answer = visitor.get(world.url("crowd.localhost", "/"));
        int written = 0;
        while (answer.status() == 302) {
            for (String line : answer.all("set-cookie")) {
                assertThat(line.substring(0, line.indexOf(';')).length()).isLessThanOrEqualTo(4096);
                written++;
            }
            answer = visitor.get(
                    answer.header("location").startsWith("/")
                            ? world.url("crowd.localhost", answer.header("location"))
                            : answer.header("location"));
        }
        assertThat(answer.status()).isEqualTo(200);
        assertThat(written).isGreaterThanOrEqualTo(4);
        assertThat(visitor.get(world.url("crowd.localhost", "/cdn-cgi/access/get-identity"))
                        .body())
                .contains("engineering/owls/0\"", "engineering/owls/4999\"");
    }

    @Test
    void expiresImmediatelyIsASessionCookie() {
        Answer page = visitor.open(world.url(BRIEF, "/"));
        Answer toIdp = visitor.get(world.url(TEAM, page.link("Continue with Fake")));
        Answer authorized = visitor.get(visitor.followUntil(toIdp, AUTHORIZED));

        assertThat(authorized.setCookie("CF_Authorization").orElseThrow()).doesNotContain("Expires");
        assertThat(visitor.follow(authorized).status()).isEqualTo(200);
    }

    @Test
    void cs03EveryLoginIsANewSessionAndPlantedCookiesNeverBecomeOne() {
        visitor.plant(TEAM, "CF_Authorization", "planted");
        visitor.plant(WIKI, "CF_Authorization", "planted");
        signIn(visitor, WIKI, "/");
        String first = nonce(visitor);

        Visitor again = new Visitor();
        signIn(again, WIKI, "/");
        assertThat(first).hasSizeGreaterThanOrEqualTo(22).isNotEqualTo(nonce(again));
    }

    private static String nonce(Visitor visitor) {
        String payload = visitor.cookie(WIKI, "CF_Authorization").split("\\.")[1];
        return JsonMapper.shared()
                .readTree(Base64.getUrlDecoder().decode(payload))
                .get("identity_nonce")
                .asString();
    }

    @Test
    void cs11TenTabsSignInAtOnce() {
        List<String> starts = new ArrayList<>();
        for (int tab = 0; tab < 10; tab++) {
            starts.add(choose(visitor, WIKI, "/tab/" + tab));
        }
        for (int tab = 9; tab >= 0; tab--) {
            Answer page = visitor.follow(visitor.get(starts.get(tab)));
            assertThat(page.url()).isEqualTo(world.url(WIKI, "/tab/" + tab));
            assertThat(page.status()).isEqualTo(200);
        }
    }

    @Test
    void cs07LogoutEndsEverySessionAndClearsTheCookies() {
        signIn(visitor, WIKI, "/");
        visitor.open(world.url(BOUND, "/"));
        Visitor thief = visitor.copy();

        Answer bye = visitor.get(world.url(WIKI, "/cdn-cgi/access/logout"));
        assertThat(bye.status()).isEqualTo(200);
        assertThat(bye.body()).contains("You are signed out");
        assertThat(visitor.cookie(WIKI, "CF_Authorization")).isEmpty();
        Awaitility.await("the stolen cookies to stop working")
                .atMost(Duration.ofSeconds(30))
                .until(() -> thief.get(world.url(BOUND, "/")).status() == 302);
        assertThat(thief.open(world.url(BOUND, "/")).body()).contains("Sign in to");
    }

    @Test
    void logoutOnTheTeamDomainEndsTheSessionToo() {
        signIn(visitor, WIKI, "/");
        Visitor thief = visitor.copy();
        assertThat(visitor.get(world.url(TEAM, "/cdn-cgi/access/logout")).body())
                .contains("You are signed out");
        assertThat(visitor.cookie(TEAM, "CF_Authorization")).isEmpty();
        Awaitility.await("the application token to stop working")
                .atMost(Duration.ofSeconds(30))
                .until(() -> thief.get(world.url(WIKI, "/")).status() == 302);
    }

    @Test
    void whoIsNotAdmittedSeesWhyAndCanUseAnotherAccount() {
        Answer page = signIn(visitor, VAULT, "/");

        assertThat(page.status()).isEqualTo(403);
        assertThat(page.url()).startsWith(world.url(TEAM, CALLBACK));
        assertThat(page.body()).contains("ada@example.com", "Fake", "Ray ID", "No policy of your organisation");
        assertThat(visitor.cookie(TEAM, "CF_Authorization"))
                .as("no session for who may not come in")
                .isEmpty();
        Answer again = visitor.get(page.link("Use another account"));
        Answer toIdp = visitor.get(world.url(TEAM, again.link("Continue with Fake")));
        assertThat(toIdp.header("location")).contains("prompt=login");
    }

    @Test
    void aLoginLinkWithoutMetaWorksAsStockValidatorsSendIt() {
        Answer page = visitor.get(
                world.url(TEAM, LOGIN + WIKI + "?kid=" + world.audiences.get(WIKI) + "&redirect_url=%2Fdocs%3Fa%3D1"));
        Answer end = visitor.follow(visitor.get(world.url(TEAM, page.link("Continue with Fake"))));

        assertThat(end.url()).isEqualTo(world.url(WIKI, "/docs?a=1"));
        assertThat(end.status()).isEqualTo(200);
    }

    @Test
    void anUnknownApplicationIsAClearPage() {
        for (String query : List.of(
                "",
                "?kid=" + "0".repeat(64),
                "?kid=wiki",
                "?kid=" + world.audiences.get(VAULT) + "&kid=" + world.audiences.get(WIKI))) {
            Answer page = visitor.get(world.url(TEAM, LOGIN + WIKI + query));
            assertThat(page.status()).as(query).isEqualTo(404);
            assertThat(page.body()).contains("No such application");
        }
        assertThat(visitor.get(world.url(TEAM, LOGIN + "evil.example?kid=" + world.audiences.get(WIKI)))
                        .status())
                .as("another host than the application's")
                .isEqualTo(404);
    }

    static Stream<String> openRedirects() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/login/open-redirects.txt")).stream()
                .filter(line -> !line.startsWith("# ") && !line.isBlank());
    }

    @ParameterizedTest
    @MethodSource("openRedirects")
    void oi10AReturnUrlNeverLeavesTheHost(String trick) {
        String raw = trick.replace("\\t", "\t")
                .replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\0", "\0");
        Visitor who = new Visitor();
        Answer page = who.get(world.url(
                TEAM,
                LOGIN + WIKI + "?kid=" + world.audiences.get(WIKI) + "&redirect_url="
                        + URLEncoder.encode(raw, StandardCharsets.UTF_8)));
        assertThat(page.status()).isEqualTo(200);
        Answer toIdp = who.get(world.url(TEAM, page.link("Continue with Fake")));
        Answer callback = who.get(who.get(toIdp.header("location")).header("location"));

        String location = callback.header("location");
        assertThat(location).startsWith(world.url(WIKI, "/"));
        assertThat(URI.create(location).getAuthority()).isEqualTo(WIKI + ":" + world.server.port());
        assertThat(location.substring(world.url(WIKI, "").length()))
                .doesNotStartWith("//")
                .doesNotContain("\\");
    }

    @Test
    void oi01StateWorksOnceOnlyInItsBrowserAndOnlyWhole() {
        Answer toIdp = visitor.get(choose(visitor, WIKI, "/"));
        String callback = visitor.get(toIdp.header("location")).header("location");

        assertInvalid(new Visitor().get(callback));
        assertInvalid(visitor.get(callback.replace("state=", "state=A")));
        assertInvalid(visitor.get(world.url(TEAM, CALLBACK + "?code=x")));
        assertThat(visitor.get(callback).status()).isEqualTo(302);
        assertInvalid(visitor.get(callback));
    }

    @Test
    void oi01TheResultIsHandedOnlyToTheBrowserThatStartedAndWorksOnce() {
        Answer toIdp = visitor.get(choose(visitor, WIKI, "/here"));
        String authorized = visitor.followUntil(toIdp, AUTHORIZED);

        Visitor victim = new Visitor();
        victim.get(world.url(WIKI, "/"));
        Answer forced = victim.get(authorized);
        assertInvalid(forced);
        assertThat(forced.setCookie("CF_Authorization")).isEmpty();
        assertInvalid(visitor.get(authorized.replace(WIKI, BOUND)));
        assertThat(visitor.get(authorized).header("location")).isEqualTo("/here");
        assertInvalid(visitor.get(authorized));
    }

    private static void assertInvalid(Answer answer) {
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("Invalid session");
    }

    @Test
    void oi02NonceAndPkceAreSentAfresh() {
        visitor.get(visitor.get(choose(visitor, WIKI, "/")).header("location"));
        visitor.get(visitor.get(choose(visitor, WIKI, "/")).header("location"));
        List<Map<String, String>> sent = world.idp.authorizations();
        Map<String, String> last = sent.getLast();
        Map<String, String> before = sent.get(sent.size() - 2);

        assertThat(last)
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("response_type", "code")
                .containsEntry("client_id", "sallyport")
                .containsEntry("redirect_uri", world.url(TEAM, CALLBACK));
        assertThat(last.get("scope")).contains("openid");
        for (String name : List.of("nonce", "state", "code_challenge")) {
            assertThat(last.get(name)).hasSizeGreaterThanOrEqualTo(22).isNotEqualTo(before.get(name));
        }
    }

    @Test
    void oi02ACodeOfAnotherFlowFails() {
        Visitor attacker = new Visitor();
        String theirs = attacker.get(attacker.get(choose(attacker, WIKI, "/")).header("location"))
                .header("location");
        String ours = visitor.get(visitor.get(choose(visitor, WIKI, "/")).header("location"))
                .header("location");

        Answer mixed =
                visitor.get(ours.replaceAll("code=[^&]+", "code=" + theirs.replaceAll(".*code=([^&]+).*", "$1")));
        assertThat(mixed.status()).isEqualTo(400);
        assertThat(visitor.cookie(TEAM, "CF_Authorization")).isEmpty();
    }

    @Test
    void oi03AnAnswerThatNamesAnotherIssuerIsRefused() {
        world.idp.misbehave(new Misbehaviour().callback(back -> {
            back.put("iss", "https://evil.example");
            return back;
        }));
        int redeemed = world.idp.redemptions().size();
        assertRefused(signIn(visitor, WIKI, "/"));
        assertThat(world.idp.redemptions()).as("the code went nowhere").hasSize(redeemed);

        world.idp.misbehave(new Misbehaviour().callback(back -> {
            back.put("iss", world.idp.issuer());
            return back;
        }));
        assertThat(signIn(new Visitor(), WIKI, "/").status()).isEqualTo(200);
    }

    static Stream<Map.Entry<String, Misbehaviour>> badIdTokens() {
        long now = Instant.now().getEpochSecond();
        return Stream.of(
                Map.entry("OI-04 another issuer", new Misbehaviour().claim("iss", "https://evil.example")),
                Map.entry("OI-04 issuer with a slash more", new Misbehaviour().claims(all -> {
                            all.put("iss", all.get("iss") + "/");
                            return all;
                        })),
                Map.entry("OI-13 no issuer", new Misbehaviour().claim("iss", null)),
                Map.entry("OI-05 HS256 with the secret", new Misbehaviour().hmac()),
                Map.entry(
                        "OI-05 alg none",
                        new Misbehaviour()
                                .idToken(token -> Base64.getUrlEncoder()
                                                .withoutPadding()
                                                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
                                        + "." + token.split("\\.")[1] + ".")),
                Map.entry("OI-13 signed by a stranger", new Misbehaviour().byStranger()),
                Map.entry(
                        "OI-13 a cut signature",
                        new Misbehaviour().idToken(token -> token.substring(0, token.length() - 6))),
                Map.entry("OI-06 another audience", new Misbehaviour().claim("aud", "other")),
                Map.entry("OI-06 no audience", new Misbehaviour().claim("aud", null)),
                Map.entry(
                        "OI-06 several audiences, no azp",
                        new Misbehaviour().claim("aud", List.of("sallyport", "other"))),
                Map.entry("OI-06 azp of another", new Misbehaviour().claim("azp", "other")),
                Map.entry("OI-06 expired", new Misbehaviour().claim("exp", now - 300)),
                Map.entry("OI-06 no exp", new Misbehaviour().claim("exp", null)),
                Map.entry("OI-06 issued in an hour", new Misbehaviour().claim("iat", now + 3600)),
                Map.entry("OI-13 no iat", new Misbehaviour().claim("iat", null)),
                Map.entry("OI-06 not yet valid", new Misbehaviour().claim("nbf", now + 3600)),
                Map.entry("OI-13 no sub", new Misbehaviour().claim("sub", null)),
                Map.entry("OI-06 sub is a number", new Misbehaviour().claim("sub", 7)),
                Map.entry("OI-02 another nonce", new Misbehaviour().claim("nonce", "other")),
                Map.entry("OI-02 no nonce", new Misbehaviour().claim("nonce", null)),
                Map.entry("OI-11 unverified address", new Misbehaviour().claim("email_verified", false)),
                Map.entry("OI-11 unverified as text", new Misbehaviour().claim("email_verified", "false")),
                Map.entry("OI-11 nothing said of the address", new Misbehaviour().claim("email_verified", null)),
                Map.entry("OI-11 verified is no word", new Misbehaviour().claim("email_verified", "yes")),
                Map.entry("OI-11 no address", new Misbehaviour().claim("email", null)),
                Map.entry("OI-11 two addresses", new Misbehaviour().claim("email", "a@example.com,b@example.com")),
                Map.entry(
                        "OI-12 no ID token",
                        new Misbehaviour().token(200, "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}")),
                Map.entry("OI-12 broken JSON", new Misbehaviour().token(200, "{")),
                Map.entry("OI-12 server error", new Misbehaviour().token(500, "oops")),
                Map.entry(
                        "OI-08 redirect elsewhere", new Misbehaviour().tokenRedirect("http://169.254.169.254/latest")),
                Map.entry(
                        "OI-07 token answer too large",
                        new Misbehaviour()
                                .token(
                                        200,
                                        "{\"access_token\":\"" + "a".repeat(300 * 1024)
                                                + "\",\"token_type\":\"Bearer\"}")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badIdTokens")
    void oi13WhatAProviderMaySendAndMustNotWork(Map.Entry<String, Misbehaviour> bad) {
        world.idp.misbehave(bad.getValue());
        assertRefused(signIn(visitor, WIKI, "/"));
    }

    private void assertRefused(Answer answer) {
        assertThat(answer.status()).isBetween(400, 502);
        assertThat(answer.body()).contains("Sign-in with Fake did not work", "Ray ID", "Try again");
        assertThat(visitor.cookie(TEAM, "CF_Authorization")).isEmpty();
        assertThat(visitor.cookie(WIKI, "CF_Authorization")).isEmpty();
    }

    @Test
    void oi13ATokenWithoutKeyIdIsNotTriedAgainstSeveralKeys() {
        world.idp.rotateKeys();
        world.idp.publishSecondKey();
        world.idp.misbehave(new Misbehaviour().withoutKid());
        assertRefused(signIn(visitor, WIKI, "/"));
    }

    @Test
    void oi12ErrorsOfTheProviderAreEscapedAndShort() {
        world.idp.misbehave(new Misbehaviour().callback(back -> {
            back.remove("code");
            back.put("error", "access_denied");
            back.put("error_description", "<script>alert(1)</script>" + "x".repeat(5000));
            return back;
        }));
        Answer page = signIn(visitor, WIKI, "/");

        assertThat(page.status()).isEqualTo(400);
        assertThat(page.body()).contains("access_denied", "&lt;script&gt;").doesNotContain("<script", "x".repeat(300));
    }

    @Test
    void oi12SecretsNeverShow() {
        world.idp.misbehave(new Misbehaviour()
                .token(
                        400,
                        "{\"error\":\"invalid_grant\",\"error_description\":\"" + io.sallyport.testkit.FakeIdp.SECRET
                                + "\"}"));
        Answer page = signIn(visitor, WIKI, "/");
        assertThat(page.body()).contains("invalid_grant").doesNotContain(FakeIdp.SECRET, "s3cret");
    }

    @Test
    void oi09TheRedirectUriIsTheTeamDomainsWhateverTheRequestSays() {
        Answer login = visitor.get(visitor.get(world.url(INSTANT, "/")).header("location"));
        assertThat(login.header("location"))
                .contains("redirect_uri=" + world.url(TEAM, CALLBACK))
                .doesNotContain(INSTANT);
    }

    @Test
    void getIdentityTellsEverythingToTheHolderOfATokenAndNothingToOthers() {
        signIn(visitor, WIKI, "/");
        JsonMapper json = JsonMapper.shared();
        Answer answer = visitor.get(world.url(WIKI, "/cdn-cgi/access/get-identity"));
        JsonNode identity = json.readTree(answer.body());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(identity.get("email").asString()).isEqualTo("ada@example.com");
        assertThat(identity.get("name").asString()).isEqualTo("Ada");
        assertThat(identity.get("groups").toString()).isEqualTo("[\"engineers\",\"owls\"]");
        assertThat(identity.get("amr").toString()).isEqualTo("[\"pwd\",\"mfa\"]");
        assertThat(identity.get("oidc_fields").get("department").asString()).isEqualTo("research");
        assertThat(identity.get("idp").get("type").asString()).isEqualTo("oidc");

        Visitor origin = new Visitor();
        origin.plant(TEAM, "CF_Authorization", visitor.cookie(WIKI, "CF_Authorization"));
        assertThat(origin.get(world.url(TEAM, "/cdn-cgi/access/get-identity")).body())
                .as("an origin asks on the team domain with the application's token")
                .contains("ada@example.com");
        Answer stranger = new Visitor().get(world.url(WIKI, "/cdn-cgi/access/get-identity"));
        assertThat(stranger.status()).isEqualTo(400);
        assertThat(stranger.body()).startsWith("{\"err\":");
    }

    @Test
    void er03GetIdentityHoldsNoProviderTokenAndGivesNoCorsPermission() {
        signIn(visitor, WIKI, "/");
        visitor.header("Origin", "https://evil.example");
        Answer answer = visitor.get(world.url(WIKI, "/cdn-cgi/access/get-identity"));
        assertThat(answer.body()).doesNotContain("access_token", "id_token", "eyJ");
        assertThat(answer.all("access-control-allow-origin")).isEmpty();
        assertThat(answer.all("access-control-allow-credentials")).isEmpty();
    }

    @Test
    void certsArePublicCacheableAndTaggedOnBothHosts() {
        for (String host : List.of(TEAM, WIKI)) {
            Answer certs = visitor.get(world.url(host, "/cdn-cgi/access/certs"));
            assertThat(certs.status()).isEqualTo(200);
            assertThat(certs.header("content-type")).isEqualTo("application/json");
            assertThat(certs.header("cache-control")).startsWith("public, max-age=");
            assertThat(certs.header("access-control-allow-origin")).isEqualTo("*");
            assertThat(certs.body()).startsWith("{\"keys\":[{\"kid\":\"").contains("\"public_certs\"");
            Answer known = new Visitor()
                    .header("If-None-Match", certs.header("etag"))
                    .get(world.url(host, "/cdn-cgi/access/certs"));
            assertThat(known.status()).isEqualTo(304);
        }
        assertThat(visitor.get(world.url("unknown.localhost", "/cdn-cgi/access/certs"))
                        .status())
                .isEqualTo(404);
        assertThat(visitor.get(world.url(TEAM, "/.well-known/openid-configuration"))
                        .body())
                .contains("\"issuer\":\"" + world.url(TEAM, "") + "\"");
    }

    @Test
    void er01EveryPageCarriesTheHeadersAndNothingElseAnswersBelowTheReservedPath() {
        int before = world.site.visits().size();
        for (String url : List.of(
                world.url(TEAM, "/"),
                world.url(TEAM, "/nothing"),
                world.url(TEAM, "/cdn-cgi/access/nothing"),
                world.url(TEAM, "/cdn-cgi/access/callback"),
                world.url(TEAM, "/cdn-cgi/access/logout"),
                world.url(TEAM, "/cdn-cgi/access/get-identity"),
                world.url(TEAM, "/cdn-cgi/access/login/nothing"),
                world.url(WIKI, "/cdn-cgi/access/nothing"),
                world.url(WIKI, "/cdn-cgi/access/authorized"),
                world.url(WIKI, "/cdn-cgi/access/login/" + WIKI))) {
            Answer answer = new Visitor().get(url);
            assertThat(answer.header("content-security-policy"))
                    .as(url)
                    .contains("default-src 'none'", "frame-ancestors 'none'");
            assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(answer.header("referrer-policy")).isEqualTo("no-referrer");
            assertThat(answer.header("cache-control")).isEqualTo("no-store");
            assertThat(answer.all("set-cookie")).noneMatch(line -> line.startsWith("SESSION="));
        }
        assertThat(world.site.visits()).as("none of it reached an origin").hasSize(before);
    }

    @Test
    void er02ProgramsGetJsonWithAnIdAndNothingOfTheInside() {
        visitor.header("Accept", "application/json");
        Answer answer = visitor.get(world.url(TEAM, LOGIN + "x?kid=1"));
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        JsonNode body = JsonMapper.shared().readTree(answer.body());
        assertThat(body.get("error").asString()).isEqualTo("no_such_application");
        assertThat(body.get("ray").asString()).hasSize(16);
        assertThat(answer.body()).doesNotContain("Exception", "springframework", "io.sallyport");
    }

    @Test
    void theHomePageListsWhatThePersonMayOpen() {
        assertThat(visitor.get(world.url(TEAM, "/")).body()).contains("You are not signed in");
        signIn(visitor, WIKI, "/");
        assertThat(visitor.get(world.url(TEAM, "/")).body())
                .contains("ada@example.com", ">" + WIKI, ">" + INSTANT)
                .doesNotContain(VAULT);
    }

    @Test
    void headRequestsWalkTheSameWayAsCloudflaredSendsThem() {
        signIn(visitor, WIKI, "/");
        Visitor tool = new Visitor();
        tool.plant(TEAM, "CF_Authorization", visitor.cookie(TEAM, "CF_Authorization"));
        Answer redirect = tool.request("HEAD", world.url(WIKI, "/"));
        Answer login = tool.request("HEAD", redirect.header("location"));
        Answer authorized = tool.request("HEAD", login.header("location"));

        assertThat(authorized.setCookie("CF_Authorization").orElseThrow()).contains("; Expires=");
    }
}
