package io.sallyport.launcher;

import static io.sallyport.launcher.Portals.TEAM;
import static io.sallyport.launcher.Portals.WIKI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The portal over sockets. */
class LauncherIT {
    private final Portals world = Portals.shared();

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    private Answer portal(Visitor who, String query) {
        return who.get(world.url(TEAM, "/" + query));
    }

    @Test
    void aStrangerMeetsTheFrontDoorAndNoApplication() {
        Answer door = portal(new Visitor(), "");

        assertThat(door.status()).isEqualTo(200);
        assertThat(door.body()).contains("Hello there", "Work begins here.").doesNotContain("wiki.localhost");
    }

    @Test
    void aPersonSeesExactlyWhatTheGateWouldOpen() {
        Answer portal = portal(world.ada(), "");

        assertThat(portal.body())
                .contains("Team wiki", "Build server", "Handbook", "Help desk", "ada@example.com")
                .contains("href=\"" + world.url("build.localhost", "/ci") + "\"")
                .contains("href=\"https://handbook.example/start\"")
                .doesNotContain("Vault", "Unlisted", "Everything else", "Board papers");
    }

    @Test
    void theTilesLinkOpensTheApplicationWithoutAQuestion() {
        Visitor ada = world.ada();

        Answer wiki = ada.open(portal(ada, "").link("Team wiki"));

        assertThat(wiki.status()).isEqualTo(200);
        assertThat(wiki.url()).isEqualTo(world.url(WIKI, "/"));
    }

    @Test
    void searchAndTagsWorkWithoutAScript() {
        Visitor ada = world.ada();

        assertThat(portal(ada, "?q=WIKI").body()).contains("Team wiki").doesNotContain("Build server");
        assertThat(portal(ada, "?tag=Engineering").body())
                .contains("Build server")
                .doesNotContain("Team wiki");
        assertThat(portal(ada, "?tag=Office&q=hand").body())
                .contains("Handbook")
                .doesNotContain("Team wiki");
        assertThat(portal(ada, "?q=nonsense").body()).contains("Nothing fits.", "Show all");
        assertThat(portal(ada, "?tag=Unknown&q=%3Cscript%3E").body()).contains("&lt;script&gt;");
    }

    @Test
    void theScriptIsOurOwnFileAndMayBeKept() {
        Answer portal = portal(world.ada(), "");
        Matcher source = Pattern.compile("<script src=\"([^\"]+)\"").matcher(portal.body());
        assertThat(source.find()).isTrue();

        Answer script = new Visitor().get(world.url(TEAM, source.group(1)));

        assertThat(script.status()).isEqualTo(200);
        assertThat(script.header("content-type")).isEqualTo("text/javascript;charset=utf-8");
        assertThat(script.header("cache-control")).contains("immutable");
        assertThat(portal.header("content-security-policy"))
                .contains("script-src 'self'")
                .doesNotContain("unsafe");
        assertThat(portal.header("cache-control")).isEqualTo("no-store");
    }

    @Test
    void anAccountThePortalsPoliciesKeepOutIsToldSo() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claim("email", "eve@elsewhere.example"));
        Visitor eve = new Visitor();
        Answer methods = eve.open(world.url(TEAM, portal(eve, "").link("Sign in")));

        Answer refused = eve.follow(eve.get(world.url(TEAM, methods.link("Continue with Fake"))));

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("eve@elsewhere.example").doesNotContain("wiki.localhost");
    }

    @Test
    void thePortalsApplicationLeadsNowhereButToThePortal() {
        String login = portal(new Visitor(), "").link("Sign in");

        Answer elsewhere = new Visitor().get(world.url(TEAM, login.replace("/login/" + TEAM, "/login/" + WIKI)));

        assertThat(elsewhere.status()).isEqualTo(404);
    }

    @Test
    void theAccountPageListsOwnSessionsAndEndsThem() {
        Visitor laptop = new Visitor();
        laptop = signInWith(laptop, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        Visitor phone = signInWith(
                new Visitor(), "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Safari/604.1");

        Answer account = laptop.get(world.url(TEAM, "/account"));

        assertThat(account.body()).contains("Firefox on Linux", "Safari on iPhone", "This one", "127.0.0.1");
        Matcher others = Pattern.compile(
                        "<strong>Safari on iPhone</strong>.*?name=\"session\" value=\"([^\"]+)\"", Pattern.DOTALL)
                .matcher(account.body());
        assertThat(others.find()).isTrue();
        Answer ended = laptop.submit(
                world.url(TEAM, "/account/end-session"),
                Map.of("token", account.field("token"), "session", others.group(1)));
        assertThat(ended.body()).contains("That session has ended").doesNotContain("Safari on iPhone");
        assertThat(portal(phone, "").body()).contains("Hello there");
        assertThat(portal(laptop, "").body()).contains("Your applications");
    }

    private Visitor signInWith(Visitor who, String userAgent) {
        who.header("User-Agent", userAgent);
        Answer methods = who.open(world.url(TEAM, portal(who, "").link("Sign in")));
        assertThat(who.follow(who.get(world.url(TEAM, methods.link("Continue with Fake"))))
                        .body())
                .contains("Your applications");
        return who;
    }

    @Test
    void signOutEverywhereEndsEveryApplicationOnEveryDevice() {
        Visitor laptop = world.ada();
        Visitor phone = world.ada();
        assertThat(phone.open(world.url(WIKI, "/")).status()).isEqualTo(200);
        Answer account = laptop.get(world.url(TEAM, "/account"));

        Answer out =
                laptop.submit(world.url(TEAM, "/account/sign-out-everywhere"), Map.of("token", account.field("token")));

        assertThat(out.body()).contains("You are signed out");
        assertThat(portal(laptop, "").body()).contains("Hello there");
        await("the phone's application session to end")
                .atMost(Duration.ofSeconds(30))
                .until(() -> phone.get(world.url(WIKI, "/")).status() == 302);
        assertThat(world.ada()).as("and signing in again works at once").isNotNull();
    }

    @Test
    void aFormOfAnotherSiteOrAnotherSessionChangesNothing() {
        Visitor ada = world.ada();
        Visitor other = world.ada();
        String foreign = other.get(world.url(TEAM, "/account")).field("token");
        String own = ada.get(world.url(TEAM, "/account")).field("token");
        String everywhere = world.url(TEAM, "/account/sign-out-everywhere");

        assertThat(ada.post(everywhere, Map.of()).status()).isEqualTo(403);
        assertThat(ada.post(everywhere, Map.of("token", foreign)).status()).isEqualTo(403);
        ada.header("Sec-Fetch-Site", "cross-site");
        assertThat(ada.post(everywhere, Map.of("token", own)).status()).isEqualTo(403);
        assertThat(ada.get(everywhere).status()).as("and never by GET").isEqualTo(404);
        ada.header("Sec-Fetch-Site", "");
        assertThat(portal(ada, "").body()).contains("Your applications");
    }

    @Test
    void nobodyEndsTheSessionOfSomebodyElse() {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claim("email", "bob@example.com"));
        Visitor bob = world.ada();
        String bobs = bob.get(world.url(TEAM, "/account")).body();
        world.idp.behave();
        Visitor ada = world.ada();
        Visitor second = world.ada();
        String adas = second.get(world.url(TEAM, "/account")).field("session");

        bob.post(
                world.url(TEAM, "/account/end-session"),
                Map.of("token", bobs.replaceAll("(?s).*name=\"token\" value=\"([^\"]*)\".*", "$1"), "session", adas));

        assertThat(portal(ada, "").body()).contains("Your applications");
    }
}
