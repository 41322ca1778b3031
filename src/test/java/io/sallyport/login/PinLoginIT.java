package io.sallyport.login;

import static io.sallyport.login.LoginServer.BOUND;
import static io.sallyport.login.LoginServer.TEAM;
import static io.sallyport.login.LoginServer.WIKI;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in with a code by mail, over sockets and SMTP. */
class PinLoginIT {
    private static final String SEND = "/cdn-cgi/access/pin/send";
    private static final String ENTER = "/cdn-cgi/access/pin";

    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    private Answer ask(Visitor who, String host, String email) {
        Answer page = who.open(world.url(host, "/start"));
        return who.submit(world.url(TEAM, SEND), Map.of("form", page.field("form"), "email", email));
    }

    private Answer enter(Visitor who, Answer page, String pin) {
        return who.submit(world.url(TEAM, ENTER), Map.of("form", page.field("form"), "pin", pin));
    }

    @Test
    void aPersonSignsInWithACode() {
        Answer page = ask(visitor, WIKI, "Grace@Example.com");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("Check your email", "grace@example.com", "one-time-code");
        String pin = world.pin("grace@example.com", 1);

        Answer end = enter(visitor, page, " " + pin.substring(0, 3) + " " + pin.substring(3));
        assertThat(end.url()).isEqualTo(world.url(WIKI, "/start"));
        assertThat(world.site.lastVisitTo("/start").headers().getFirst("Cf-Access-Authenticated-User-Email"))
                .isEqualTo("grace@example.com");
    }

    @Test
    void whoPressesTwiceOrGoesBackIsSignedInByTheFirstTimeAndGoesOn() {
        Answer page = ask(visitor, WIKI, "twice@example.com");
        String pin = world.pin("twice@example.com", 1);
        enter(visitor, page, pin);

        assertThat(enter(visitor, page, pin).url()).isEqualTo(world.url(WIKI, "/start"));
        assertThat(visitor.open(page.url()).url())
                .as("the code page, by the way back")
                .isEqualTo(world.url(WIKI, "/start"));

        visitor.get(world.url(TEAM, "/cdn-cgi/access/logout"));
        assertThat(enter(visitor, page, pin).body())
                .as("a used code signs nobody in")
                .contains("already used");
        assertThat(visitor.cookie(TEAM, "CF_Authorization")).isEmpty();
    }

    @Test
    void whoMistypedAnAddressFindsItStillThereAndEveryOtherWayToSignIn() {
        Answer page = ask(visitor, WIKI, "ada.example.com");

        assertThat(page.status()).isEqualTo(400);
        assertThat(page.body()).contains("value=\"ada.example.com\"", "aria-invalid=\"true\"", "autofocus");
        Answer end = visitor.follow(visitor.get(world.url(TEAM, page.link("Continue with Fake"))));
        assertThat(end.url()).isEqualTo(world.url(WIKI, "/start"));
    }

    @Test
    void ot01UnknownAddressesGetTheSamePageAndNoMail() {
        Answer known = ask(visitor, WIKI, "known@example.com");
        Answer unknown = ask(new Visitor(), WIKI, "known@stranger.com");
        world.pin("known@example.com", 1);

        assertThat(unknown.status()).isEqualTo(known.status());
        assertThat(normal(unknown)).isEqualTo(normal(known));
        assertThat(unknown.headers().keySet()).isEqualTo(known.headers().keySet());
        assertThat(world.mails("known@stranger.com")).isEmpty();
        assertThat(enter(visitor, unknown, "123456").status()).isEqualTo(400);
    }

    private static String normal(Answer answer) {
        return answer.body()
                .replaceAll("nonce=\"[^\"]*\"", "nonce")
                .replaceAll("name=\"form\" value=\"[^\"]*\"", "form")
                .replace("stranger.com", "example.com");
    }

    @Test
    void ot02ACodeWorksOnlyInTheBrowserThatAskedForIt() {
        Answer page = ask(visitor, WIKI, "bound@example.com");
        String pin = world.pin("bound@example.com", 1);

        Visitor thief = new Visitor();
        thief.open(world.url(WIKI, "/"));
        Answer stolen = enter(thief, page, pin);
        assertThat(stolen.status()).isEqualTo(400);
        assertThat(stolen.body()).contains("Invalid session");
        assertThat(enter(visitor, page, pin).status()).isEqualTo(200);
    }

    @Test
    void ot03AfterFiveWrongTriesOnlyANewCodeHelps() {
        Answer page = ask(visitor, WIKI, "wrong@example.com");
        String pin = world.pin("wrong@example.com", 1);
        String other = pin.equals("000000") ? "111111" : "000000";
        Answer tried = visitor.post(world.url(TEAM, ENTER), Map.of("form", page.field("form"), "pin", other));
        assertThat(tried.status())
                .as("what was wrong stands at an address that can be reloaded")
                .isEqualTo(303);
        assertThat(visitor.follow(tried).status()).isEqualTo(400);
        for (int i = 0; i < 3; i++) {
            assertThat(enter(visitor, page, other).body()).contains("does not match", "role=\"alert\"");
        }
        assertThat(enter(visitor, page, other).body()).contains("Too many wrong codes", "Send a new code");
        assertThat(enter(visitor, page, pin).body()).contains("Too many wrong codes");
        assertThat(visitor.cookie(TEAM, "CF_Authorization")).isEmpty();
    }

    @Test
    void ot03WhoSignedInHereBeforeGetsACodeAlthoughAStrangerUsedThemUp() {
        String person = "wanted@example.com";
        Answer page = ask(visitor, WIKI, person);
        assertThat(enter(visitor, page, world.pin(person, 1)).status()).isEqualTo(200);
        for (int i = 2; i <= 3; i++) {
            assertThat(ask(new Visitor(), WIKI, person).status()).isEqualTo(200);
        }
        assertThat(ask(new Visitor(), WIKI, person).status()).isEqualTo(429);

        visitor.get(world.url(TEAM, "/cdn-cgi/access/logout"));
        visitor.get(world.url(WIKI, "/cdn-cgi/access/logout"));
        Answer again = ask(visitor, WIKI, person);
        assertThat(again.status()).isEqualTo(200);
        assertThat(enter(visitor, again, world.pin(person, 4)).url()).isEqualTo(world.url(WIKI, "/start"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@example.com,b@example.com",
                "a@example.com;b@example.com",
                "a@example.com\r\nBcc: b@example.com",
                "a@example.com\nb@example.com",
                "Ada <a@example.com>",
                "\"a b\"@example.com",
                "a@b@example.com",
                "@example.com",
                "example.com",
                ""
            })
    void ot05AddressTricksAreRefused(String address) {
        Answer page = ask(visitor, WIKI, address);
        assertThat(page.status()).isEqualTo(400);
        assertThat(page.body()).contains("That is not an email address");
    }

    @Test
    void ot05TheCodeIsInTheMailsBodyOnlyAndBehindNoLink() throws Exception {
        Answer page = ask(visitor, BOUND, "mail@example.com");
        String pin = world.pin("mail@example.com", 1);
        jakarta.mail.internet.MimeMessage mail = world.mails("mail@example.com").getFirst();

        assertThat(mail.getSubject()).isEqualTo("Your sign-in code for " + BOUND);
        assertThat(mail.getFrom()[0].toString()).isEqualTo("no-reply@" + TEAM);
        assertThat(mail.getHeader("Auto-Submitted")[0]).isEqualTo("auto-generated");
        assertThat(LoginServer.text(mail)).contains(pin, "text/html").doesNotContain("href", "http:", "https:");
        assertThat(page.url()).doesNotContain(pin);
    }

    @Test
    void cs01TheDeviceCookieIsStrict() {
        Answer page = visitor.open(world.url(WIKI, "/"));
        Answer sent =
                visitor.post(world.url(TEAM, SEND), Map.of("form", page.field("form"), "email", "device@example.com"));
        assertThat(sent.status()).isEqualTo(303);
        assertThat(sent.setCookie("CF_Device").orElseThrow())
                .contains("; Path=/", "; Expires=", "; Secure", "; HttpOnly", "; SameSite=Strict");
    }

    @Test
    void aFormOfAnotherBrowserIsRefused() {
        Answer page = visitor.open(world.url(WIKI, "/"));
        Visitor other = new Visitor();
        other.open(world.url(WIKI, "/"));
        Answer forged =
                other.post(world.url(TEAM, SEND), Map.of("form", page.field("form"), "email", "forged@example.com"));
        assertThat(forged.status()).isEqualTo(400);
        assertThat(forged.body()).contains("Invalid session");
        assertThat(other.post(world.url(TEAM, SEND), Map.of("email", "forged@example.com"))
                        .status())
                .isEqualTo(400);
    }
}
