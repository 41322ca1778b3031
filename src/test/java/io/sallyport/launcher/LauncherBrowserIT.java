package io.sallyport.launcher;

import static io.sallyport.launcher.Portals.TEAM;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.sallyport.testkit.Chromium;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The portal in a real browser: keyboard, instant search, narrow and dark screens. Leaves pictures under
 * target/pictures where {@code -Dpictures=true} asks for them.
 */
class LauncherBrowserIT {
    private final Portals world = Portals.shared();
    private final List<BrowserContext> visits = new ArrayList<>();

    @AfterEach
    void leave() {
        visits.forEach(BrowserContext::close);
    }

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    private Page portal(Browser.NewContextOptions options, List<String> complaints) {
        BrowserContext context = Chromium.shared().newContext(options);
        visits.add(context);
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.navigate(world.url(TEAM, "/"));
        picture(page, "door");
        page.getByText("Sign in", new Page.GetByTextOptions().setExact(true)).click();
        page.getByText("Continue with Fake").click();
        page.waitForURL(world.url(TEAM, "/"));
        return page;
    }

    private static void picture(Page page, String name) {
        if (!Boolean.getBoolean("pictures")) {
            return;
        }
        int width = page.viewportSize().width;
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/pictures", name + "-" + width + ".png")));
    }

    private static List<String> shown(Page page) {
        return page.locator("#tiles li:not([hidden]) strong").allTextContents();
    }

    @Test
    void slashSearchesAtOnceAndArrowsWalkTheTiles() {
        List<String> complaints = new ArrayList<>();
        Page page = portal(new Browser.NewContextOptions().setViewportSize(1280, 800), complaints);
        picture(page, "portal");
        assertThat(shown(page)).contains("Build server", "Handbook", "Team wiki");

        page.keyboard().press("/");
        page.keyboard().type("wiki");

        assertThat(shown(page)).containsExactly("Team wiki");
        assertThat(page.locator("#count").textContent()).isEqualTo("1 application");
        page.keyboard().press("Escape");
        assertThat(shown(page)).contains("Build server", "Team wiki");
        page.keyboard().press("ArrowDown");
        page.keyboard().press("ArrowRight");
        assertThat(page.locator("#tiles a:focus strong").textContent())
                .isEqualTo(shown(page).get(1));
        page.keyboard().press("ArrowUp");
        page.keyboard().type("build");
        assertThat(complaints) // before the application is opened: it has no icon
                .as("the content security policy allows all of it")
                .isEmpty();
        page.keyboard().press("Enter");
        page.waitForURL(world.url("build.localhost", "/ci"));
    }

    @Test
    void aPictureThatIsNotToBeHadLeavesTheLetterOfItsTile() {
        String id = world.admin.post("/access/apps", """
                        {"type":"bookmark","name":"Quarry","domain":"https://quarry.example.com",
                         "logo_url":"https://127.0.0.1:1/quarry.png","policies":[
                          {"name":"All","decision":"allow","precedence":1,"include":[{"everyone":{}}]}]}""").get("id").asString();
        try {
            Page page = portal(new Browser.NewContextOptions(), new ArrayList<>());
            Locator tile = page.locator("#tiles li", new Page.LocatorOptions().setHasText("Quarry"));
            page.waitForCondition(() -> {
                if (tile.count() == 0) {
                    page.reload();
                }
                return tile.count() == 1
                        && tile.locator("img").count() == 0
                        && tile.locator(".badge").isVisible();
            });
            assertThat(tile.locator(".badge").textContent()).isEqualTo("Q");
        } finally {
            world.admin.delete("/access/apps/" + id);
        }
    }

    @Test
    void aPhoneInTheDarkFitsEverythingWithoutScrollingSideways() {
        Page page = portal(
                new Browser.NewContextOptions()
                        .setViewportSize(375, 740)
                        .setColorScheme(ColorScheme.DARK)
                        .setDeviceScaleFactor(2),
                new ArrayList<>());
        picture(page, "portal-dark");
        assertFits(page);

        page.locator(".who a").first().click();

        page.waitForURL(world.url(TEAM, "/account"));
        picture(page, "account-dark");
        assertFits(page);
        assertThat(page.locator("h1").textContent()).isEqualTo("Your account");
    }

    private static void assertFits(Page page) {
        assertThat(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                .isEqualTo(true);
    }

    @Test
    void withoutAScriptTheSearchFieldAsksTheServer() {
        Page page = portal(
                new Browser.NewContextOptions().setViewportSize(1024, 700).setJavaScriptEnabled(false),
                new ArrayList<>());

        page.locator("#q").fill("handbook");
        page.locator(".find button").click();

        page.waitForURL(world.url(TEAM, "/?q=handbook"));
        assertThat(page.locator("#tiles strong").allTextContents()).containsExactly("Handbook");
        picture(page, "searched");
    }

    @Test
    void everythingHasANameForScreenReadersAndAPlaceInTheTabOrder() {
        Page page = portal(new Browser.NewContextOptions().setViewportSize(1280, 800), new ArrayList<>());

        Locator field = page.getByLabel("Search your applications");
        assertThat(field.count()).isEqualTo(1);
        assertThat(page.locator("[tabindex]").count())
                .as("nothing leaves the natural order")
                .isZero();
        assertThat(page.locator("nav[aria-label], ul[aria-label]").count()).isGreaterThanOrEqualTo(2);
        assertThat(page.locator("a, button").all())
                .allSatisfy(each -> assertThat(each.textContent().strip()).isNotEmpty());
        page.goBack();
    }
}
