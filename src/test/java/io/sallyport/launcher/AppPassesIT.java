package io.sallyport.launcher;

import static io.sallyport.launcher.Portals.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.sallyport.audit.LastSeen;
import io.sallyport.identity.AppId;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** App passes: made on the account page, used by programs at the gate, ended like sessions. */
class AppPassesIT {
    private static final String DAV = "dav.localhost";
    private static final String PLAIN = Portals.WIKI;

    private final Portals world = Portals.shared();
    private Visitor person = new Visitor();

    @BeforeEach
    void ready() {
        world.idp.behave();
        if (!world.ids.containsKey("Calendar")) {
            world.application(
                    "Calendar",
                    DAV,
                    world.staff,
                    ",\"sallyport_app_passes\":{\"enabled\":true,\"header\":\"X-Calendar-Pass\"}");
            takesPasses(true);
        }
        person = world.ada();
    }

    private Answer account() {
        return person.get(world.url(TEAM, "/account"));
    }

    private Answer make(String name) {
        return make(name, 90);
    }

    private Answer make(String name, int days) {
        return person.post(
                world.url(TEAM, "/account/make-app-pass"),
                Map.of(
                        "token",
                        account().field("token"),
                        "app",
                        world.ids.get("Calendar"),
                        "name",
                        name,
                        "days",
                        String.valueOf(days)));
    }

    private static String secret(Answer made) {
        Matcher secret = Pattern.compile(">(spass_[A-Za-z0-9_-]{43})<").matcher(made.body());
        assertThat(secret.find()).as(made.body()).isTrue();
        return secret.group(1);
    }

    private String known(String name) {
        String secret = secret(make(name));
        await("the pass to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret).status() == 200);
        return secret;
    }

    /** Waits until the gate has the application as it was last written; without passes it asks a program to sign in. */
    private void takesPasses(boolean any) {
        await("passes to be " + (any ? "taken" : "off"))
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> bearer("spass_" + "A".repeat(43)).status(),
                        status -> any ? refused(status) : status == 302);
    }

    /** Who shows a pass that is none, or too many of them. */
    private static boolean refused(int status) {
        return status == 401 || status == 429;
    }

    private Answer bearer(String secret) {
        return with("Authorization", "Bearer " + secret, DAV);
    }

    private Answer with(String header, String value, String host) {
        return new Visitor().header("Accept", "*/*").header(header, value).get(world.url(host, "/calendar"));
    }

    private static String basic(String secret) {
        return "Basic "
                + Base64.getEncoder().encodeToString(("ada@example.com:" + secret).getBytes(StandardCharsets.UTF_8));
    }

    private void revoke(String name) {
        Matcher id = Pattern.compile(
                        "<strong[^>]*>" + name + "</strong>.*?name=\"pass\" value=\"([^\"]+)\"", Pattern.DOTALL)
                .matcher(account().body());
        assertThat(id.find()).isTrue();
        assertThat(person.submit(
                                world.url(TEAM, "/account/revoke-app-pass"),
                                Map.of("token", account().field("token"), "pass", id.group(1)))
                        .body())
                .contains("That app pass is revoked");
    }

    @Test
    void aPassOpensItsApplicationAsThePersonInEveryForm() {
        String secret = known("Phone");

        assertThat(with("Authorization", basic(secret), DAV).status()).isEqualTo(200);
        assertThat(with("X-Calendar-Pass", secret, DAV).status()).isEqualTo(200);
        assertThat(bearer(secret).status()).isEqualTo(200);

        var headers = world.site.lastVisitTo("/calendar").headers();
        assertThat(headers.getFirst("Cf-Access-Authenticated-User-Email")).isEqualTo("ada@example.com");
        assertThat(headers.getFirst("Cf-Access-Jwt-Assertion").split("\\.")).hasSize(3);
        assertThat(world.site.visits())
                .as("no secret of ours ever reaches an origin")
                .noneMatch(visit -> visit.headers().toString().contains("spass_")
                        || visit.headers().toString().contains(basic(secret)));
    }

    /** Calendars on phones come without a password first, and would make nothing of a sign-in page. */
    @Test
    void aProgramIsAskedForItsPassAndNoBrowserEverIs() {
        known("Tablet");
        Visitor program = new Visitor().header("Accept", "*/*");
        Answer asked = program.request("PROPFIND", world.url(DAV, "/calendar"));
        assertThat(asked.status()).isEqualTo(401);
        assertThat(asked.header("www-authenticate")).startsWith("Basic realm=\"app pass\"");
        assertThat(program.request("PROPFIND", world.url(PLAIN, "/calendar")).status())
                .as("where no pass would help")
                .isEqualTo(302);
        assertThat(program.get(world.url(DAV, "/calendar")).status())
                .as("what stock cloudflared expects")
                .isEqualTo(302);

        Visitor page = new Visitor().header("Accept", "application/json").header("Sec-Fetch-Mode", "cors");
        Answer fetched = page.get(world.url(DAV, "/calendar"));
        assertThat(fetched.status()).isEqualTo(401);
        assertThat(fetched.all("www-authenticate")).isEmpty();
        Answer sent = new Visitor().header("Origin", world.url(DAV, "")).request("PUT", world.url(DAV, "/calendar"));
        assertThat(sent.all("www-authenticate")).isEmpty();
    }

    @Test
    void theSecretIsShownOnceAndThePassIsListedByName() {
        Answer made = make("Laptop mail");
        String secret = secret(made);

        assertThat(made.header("cache-control")).isEqualTo("no-store");
        assertThat(account().body()).contains("Laptop mail", "ends in 89 days").doesNotContain(secret);
    }

    @Test
    void theLinkWorksOnceAndLeavesACookieTheOriginNeverSees() {
        Answer made = make("Television");
        String link = made.link("this link");
        await("the pass to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret(made)).status() == 200);
        Visitor television = new Visitor();

        assertThat(television.open(link).status()).isEqualTo(200);
        assertThat(television.get(world.url(DAV, "/shows")).status()).isEqualTo(200);

        assertThat(world.site.lastVisitTo("/shows").headers().toString()).doesNotContain("CF_AppPass");
        assertThat(new Visitor().get(link).status()).as("a second time").isEqualTo(400);
        assertThat(new Visitor().get(link.replace(DAV, PLAIN)).status())
                .as("elsewhere")
                .isEqualTo(400);
    }

    /** Who opens it would be its owner from then on, and leave what is theirs with somebody else. */
    @Test
    void cs03ALinkThatAnotherSitesPageOpensPlantsNothingUnasked() {
        Answer made = make("Somebody's");
        String link = made.link("this link");
        await("the pass to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret(made)).status() == 200);
        Visitor victim = new Visitor().header("Sec-Fetch-Site", "cross-site");

        Answer asked = victim.get(link);

        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.body()).contains("Open Calendar as ada@example.com?");
        assertThat(asked.setCookie("CF_AppPass")).isEmpty();
        victim.header("Sec-Fetch-Site", "same-origin");
        assertThat(victim.get(world.url(DAV, asked.link("Open it"))).setCookie("CF_AppPass"))
                .isNotEmpty();
    }

    /** A page on a neighbouring host can plant cookies on the application's. */
    @Test
    void cs04APassPlantedBesideASessionDoesNotTakeItsPlace() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claim("sub", "mallory-7").claim("email", "mallory@example.com"));
        person = world.ada();
        String planted = known("Mallory's");
        String another = known("Mallory's other");
        world.idp.behave();
        Visitor ada = world.ada();
        assertThat(ada.open(world.url(DAV, "/own")).status()).isEqualTo(200);

        ada.plant(DAV, "CF_AppPass", planted);

        assertThat(ada.get(world.url(DAV, "/beside")).status()).isEqualTo(200);
        assertThat(world.site.lastVisitTo("/beside").headers().getFirst("Cf-Access-Authenticated-User-Email"))
                .isEqualTo("ada@example.com");
        Visitor nobody = new Visitor();
        nobody.plant(DAV, "CF_AppPass", planted + "; CF_AppPass=" + another);
        assertThat(nobody.get(world.url(DAV, "/two")).status())
                .as("of two that count none does")
                .isEqualTo(302);
        nobody.plant(DAV, "CF_AppPass", planted + "; CF_AppPass=junk");
        assertThat(nobody.get(world.url(DAV, "/one")).status())
                .as("junk beside it locks nobody out")
                .isEqualTo(200);
    }

    @Test
    void aRevokedPassOpensNothingWithinSeconds() {
        String secret = known("Old phone");

        revoke("Old phone");

        await("the revocation to arrive")
                .atMost(Duration.ofSeconds(30))
                .until(() -> refused(bearer(secret).status()));
        assertThat(account().body()).doesNotContain("Old phone");
    }

    @Test
    void theOwnerAndAnAdminSeeWhenAPassWasLastUsed() {
        String name = "Kitchen radio";
        String secret = secret(make(name));
        assertThat(passOf(name).path("last_used_at").isNull()).isTrue();
        assertThat(account().body()).contains("never used");
        await("the pass to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret).status() == 200);

        await("the use to be written down").atMost(Duration.ofSeconds(30)).until(() -> {
            world.server.context().getBean(LastSeen.class).carry();
            return !passOf(name).path("last_used_at").isNull();
        });

        assertThat(Instant.parse(passOf(name).path("last_used_at").asString()))
                .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
        assertThat(passOf(name).path("app_id").asString()).isEqualTo(world.ids.get("Calendar"));
        assertThat(account().body()).containsPattern(name + "</strong>[^§]{0,200}last used just now");
    }

    /** What the API says of Ada's pass of that name, among her sessions. */
    private JsonNode passOf(String name) {
        String ada = world.admin
                .get("/access/users?email=ada@example.com")
                .get(0)
                .get("id")
                .asString();
        return world.admin
                .get("/access/users/" + ada + "/active_sessions")
                .valueStream()
                .map(session -> session.at("/metadata/sallyport_app_pass"))
                .filter(pass -> pass.path("name").asString("").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPassOpensNoOtherApplicationAndNoneThatTakesNoPasses() {
        String secret = known("Tablet");

        Answer elsewhere = with("Authorization", "Bearer " + secret, PLAIN);

        assertThat(elsewhere.status()).isEqualTo(302);
        assertThat(world.site.visits())
                .noneMatch(visit -> visit.headers().toString().contains(secret));
    }

    @Test
    void st01WhatIsNoPassIsRefusedWithoutALoginAndSlowedDown() {
        Answer wrong = bearer("spass_" + "A".repeat(43));

        assertThat(refused(wrong.status())).isTrue();
        assertThat(wrong.header("www-authenticate")).startsWith("Basic");
        assertThat(IntStream.range(0, 200)
                        .map(_ -> bearer("spass_" + "B".repeat(43)).status())
                        .filter(status -> status != 401)
                        .findFirst())
                .as("thirty a minute, and what a slow machine gives back meanwhile")
                .hasValue(429);
        String secret = known("Right one too");
        assertThat(bearer(secret).status())
                .as("a right one is never slowed down")
                .isEqualTo(200);
    }

    @Test
    void aPassFollowsThePoliciesOfToday() {
        String secret = known("Watch");
        String nobody = world.policy("Nobody", "{\"email\":{\"email\":\"nobody@example.com\"}}");
        String app = "/access/apps/" + world.ids.get("Calendar");
        String body = """
                {"type":"self_hosted","name":"Calendar","domain":"%s","policies":["%%s"],
                 "sallyport_app_passes":{"enabled":%%s,"header":"X-Calendar-Pass"}}""".formatted(DAV);

        world.admin.put(app, body.formatted(nobody, true));
        await("the person to be kept out")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret).status() == 403);
        world.admin.put(app, body.formatted(world.staff, false));
        await("passes to be off")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret).status() == 302);
        world.admin.put(app, body.formatted(world.staff, true));
        await("all to be as before")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret).status() == 200);
    }

    @Test
    void aClientThatKnowsNoPassesLeavesThemOnAndNullSwitchesThemOff() {
        String secret = known("Tablet");
        String app = "/access/apps/" + world.ids.get("Calendar");
        String stock = "{\"type\":\"self_hosted\",\"name\":\"Calendar\",\"domain\":\"%s\"%s}";
        JsonNode before = world.admin.get(app).path("sallyport_app_passes");

        assertThat(world.admin.put(app, stock.formatted(DAV, "")).path("sallyport_app_passes"))
                .isEqualTo(before);
        assertThat(world.admin
                        .put(app, stock.formatted(DAV, ",\"sallyport_app_passes\":null"))
                        .path("sallyport_app_passes")
                        .path("enabled")
                        .asBoolean(false))
                .isFalse();
        takesPasses(false);

        world.admin.put(
                app,
                stock.formatted(DAV, ",\"sallyport_app_passes\":{\"enabled\":true,\"header\":\"X-Calendar-Pass\"}"));
        await("passes to be as before")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(secret).status() == 200);
    }

    @Test
    void whoMayNotOpenTheApplicationMakesNoPassForIt() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claim("email", "bob@example.com"));
        person = world.ada();
        Answer made = person.post(
                world.url(TEAM, "/account/make-app-pass"),
                Map.of("token", account().field("token"), "app", world.ids.get("Vault"), "name", "x", "days", "90"));
        assertThat(made.body()).contains("No app pass can be made").doesNotContain("spass_");
        assertThat(person.post(
                                world.url(TEAM, "/account/make-app-pass"),
                                Map.of("token", "", "app", world.ids.get("Calendar"), "name", "x", "days", "90"))
                        .status())
                .as("a foreign form")
                .isEqualTo(403);
    }

    @Test
    void whatWasEnteredStaysWhenNoPassIsMade() {
        String tooLong = "x".repeat(61);

        Answer refused = make(tooLong, 365);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body())
                .contains(
                        "role=\"alert\"",
                        "Give the app pass a name",
                        "value=\"" + tooLong + "\"",
                        "aria-invalid=\"true\"")
                .containsPattern("value=\"" + world.ids.get("Calendar") + "\" selected")
                .containsPattern("value=\"365\" selected");
    }

    @Test
    void endingAllOfAPersonsSessionsEndsTheirPasses() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claim("email", "carol@example.com"));
        person = world.ada();
        String secret = known("Carol's phone");

        world.admin.post("/access/organizations/revoke_user", "{\"email\":\"carol@example.com\"}");

        await("the pass to end")
                .atMost(Duration.ofSeconds(30))
                .until(() -> refused(bearer(secret).status()));
    }

    /** Revocations are forgotten after a month, and a pass may live for a year. */
    @Test
    void cs08APassThatEndedWithItsApplicationsTokensStaysEnded() {
        String ended = known("Archive");
        AppId calendar = AppId.of(world.ids.get("Calendar"));
        world.admin.post("/access/apps/" + calendar + "/revoke_tokens", "{}");
        await("the pass to end")
                .atMost(Duration.ofSeconds(30))
                .until(() -> bearer(ended).status() != 200);

        world.server
                .database()
                .jdbc()
                .sql("delete from revocations where kind = 'app' and subject = ?")
                .param(calendar.toString())
                .update();
        SnapshotHolder pictures = world.server.context().getBean(SnapshotHolder.class);
        await("the revocation to be forgotten")
                .atMost(Duration.ofSeconds(30))
                .until(() -> !Objects.requireNonNull(pictures.current())
                        .revocations()
                        .applications()
                        .containsKey(calendar));

        assertThat(bearer(ended).status()).as("in the picture at hand").isIn(401, 429);
        known("Archive, once more");
        assertThat(bearer(ended).status()).as("in one read anew").isIn(401, 429);
        assertThat(account().body()).contains("Archive, once more").doesNotContain(">Archive<");
    }

    /** Who is removed with the provider that vouched for them must not stay for as long as their credentials last. */
    @Test
    void cs10WithAProviderGoTheSessionsAndPassesOfWhoCameThroughIt() {
        String leaving = world.admin
                .post("/access/identity_providers", """
                        {"name":"Leaving","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s",
                         "pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, world.idp.issuer()))
                .get("id")
                .asString();
        try {
            world.idp.misbehave(
                    new FakeIdp.Misbehaviour().claim("sub", "dora-9").claim("email", "dora@example.com"));
            Visitor dora = new Visitor();
            await("the provider to be offered")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> signInPage(dora).body().contains("Continue with Leaving"));
            person = dora;
            assertThat(dora.follow(dora.get(world.url(TEAM, signInPage(dora).link("Continue with Leaving"))))
                            .status())
                    .isEqualTo(200);
            String secret = known("Dora's phone");
            assertThat(dora.open(world.url(PLAIN, "/before")).status()).isEqualTo(200);

            world.admin.delete("/access/identity_providers/" + leaving);

            await("the tokens to end")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> dora.get(world.url(PLAIN, "/after")).status() == 302);
            assertThat(bearer(secret).status()).isIn(401, 429);
            assertThat(dora.get(world.url(TEAM, "/account")).status())
                    .as("the session itself")
                    .isEqualTo(302);
        } finally {
            world.admin.call("DELETE", "/access/identity_providers/" + leaving, null);
        }
    }

    private Answer signInPage(Visitor visitor) {
        return visitor.open(world.url(TEAM, visitor.get(world.url(TEAM, "/")).link("Sign in")));
    }

    /** What a provider says becomes a header where an admin of a SAML provider wants that, and nowhere else. */
    @Test
    void oi11AClaimThatIsNamedLikeOurListOfHeadersBecomesNoHeader() {
        String provider = "/access/identity_providers/" + world.provider;
        String body = """
                {"name":"Fake","type":"oidc","config":{"client_id":"%s","issuer":"%s","pkce_enabled":true,"claims":%%s}}""".formatted(FakeIdp.CLIENT, world.idp.issuer());
        world.admin.put(provider, body.formatted("[\"header_attributes\"]"));
        try {
            world.idp.misbehave(new FakeIdp.Misbehaviour()
                    .claim("sub", "faye-3")
                    .claim("email", "faye@example.com")
                    .claim("header_attributes", Map.of("X-Role", "admin", "Host", "elsewhere.example")));
            await("the claim to be taken").atMost(Duration.ofSeconds(30)).until(() -> {
                person = world.ada();
                return person.get(world.url(TEAM, "/cdn-cgi/access/get-identity"))
                        .body()
                        .contains("X-Role");
            });
            known("Faye's phone");
            var first = world.site.lastVisitTo("/calendar").headers();
            Answer replayed = with("Cf-Access-Token", first.getFirst("Cf-Access-Jwt-Assertion"), DAV);

            assertThat(replayed.status()).isEqualTo(200);
            for (var headers :
                    List.of(first, world.site.lastVisitTo("/calendar").headers())) {
                assertThat(headers.containsKey("X-Role")).isFalse();
                assertThat(headers.getFirst("Host")).startsWith(DAV);
            }
        } finally {
            world.admin.put(provider, body.formatted("[]"));
        }
    }
}
