package io.sallyport.login;

import static io.sallyport.login.ConsoleBrowser.CONSOLE;
import static io.sallyport.login.LoginServer.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.JsonNode;

/** The dashboard with an admin's browser at it, the same for all tests of a class; none of them may leave anything blocked or failed. */
abstract class AtTheConsole {
    static ConsoleBrowser console;

    final LoginServer world = LoginServer.shared();

    @BeforeAll
    static void launch() {
        console = new ConsoleBrowser(LoginServer.shared());
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    @AfterEach
    void nothingWasBlockedAndNothingFailed() {
        assertThat(console.leave()).isEmpty();
    }

    /** Goes to a view by its address, without saving what was entered before; the view before it stays until this one is read. */
    final void go(Page page, String place) {
        page.navigate(world.url(CONSOLE, "/#/" + place));
        ConsoleBrowser.leaveFor(page, page.locator("main[data-view='#/" + place + "'] h1"));
    }

    /** What Ada gets at an application that asks her to sign in. */
    final Answer visit(String host) {
        Visitor visitor = new Visitor();
        Answer page = visitor.open(world.url(host, "/"));
        return visitor.follow(visitor.get(world.url(TEAM, page.link("Continue with Fake"))));
    }

    /** What the API lists there under this name. */
    final JsonNode only(String path, String name) {
        return world.admin
                .get(path + (path.contains("?") ? "&" : "?") + "per_page=1000")
                .valueStream()
                .filter(each -> each.path("name").asString("").equals(name))
                .findFirst()
                .orElseThrow();
    }

    final void awaitStatus(String host, int status) {
        await(host + " to answer " + status)
                .atMost(Duration.ofSeconds(30))
                .until(() -> new Visitor().get(world.url(host, "/")).status() == status);
    }

    static void said(Page page, String words) {
        page.locator("#said").getByText(words).waitFor();
    }

    /** What the control says at which a keyboard goes on. */
    static String focused(Page page) {
        return (String) page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent");
    }

    static Locator label(Page page, String text) {
        return page.getByLabel(text, new Page.GetByLabelOptions().setExact(true));
    }

    static boolean nothingSticksOut(Page page) {
        return (Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth");
    }

    /** Controls that a screen reader could not name. */
    static List<?> unnamed(Page page) {
        return (List<?>)
                page.evaluate(
                        "[...document.querySelectorAll('main input, main select, main textarea, main button, main a')]"
                                + ".filter(e => !(e.labels?.length || e.ariaLabel || e.textContent.trim())).map(e => e.outerHTML)");
    }
}
