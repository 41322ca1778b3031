package io.sallyport.login;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.sallyport.testkit.Chromium;
import io.sallyport.testkit.TestServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * An admin's browser at the dashboard, which remembers whatever the browser complained of. Leaves pictures under target/pictures where
 * {@code -Dpictures=true} asks for them.
 */
final class ConsoleBrowser implements AutoCloseable {
    static final String CONSOLE = "console.localhost";

    private final LoginServer world;
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<Page> others = new ArrayList<>();
    private @Nullable Page tab;

    ConsoleBrowser(LoginServer world) {
        this.world = world;
    }

    /** What was blocked or failed in this test so far. */
    List<String> complaints() {
        return complaints;
    }

    /** A tab of somebody else, who is not signed in. */
    Page page(Browser.NewContextOptions options) {
        Page page = opened(options);
        others.add(page);
        return page;
    }

    private Page opened(Browser.NewContextOptions options) {
        Page page = Chromium.shared().newContext(options).newPage();
        page.setDefaultTimeout(30_000);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        // Whether to leave without saving: Playwright would say no, and then wait for the page that never comes.
        page.onDialog(Dialog::accept);
        return page;
    }

    /** A tab of another admin, signed in, with a screen of its own. */
    Page signIn(Browser.NewContextOptions options) {
        return signedIn(page(options));
    }

    /** The admin's own tab on a wide screen, at the overview. */
    Page admin() {
        Page known = tab;
        if (known == null) {
            tab = signedIn(opened(wide()));
            return tab;
        }
        known.navigate(world.url(CONSOLE, "/"));
        heading(known, "Overview");
        return known;
    }

    /** The same on another screen and in another light, which a tab of one's own for each would take seconds to show. */
    Page admin(int width, ColorScheme scheme) {
        Page page = admin();
        page.setViewportSize(width, 844);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        return page;
    }

    /** Ends what a test did here, whether it succeeded or not, and says what was blocked or failed. */
    List<String> leave() {
        others.forEach(page -> page.context().close());
        others.clear();
        if (tab != null) {
            tab.navigate("about:blank");
            tab.setViewportSize(1280, 800);
            tab.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
        }
        List<String> all = List.copyOf(complaints);
        complaints.clear();
        return all;
    }

    private Page signedIn(Page page) {
        page.navigate(world.url(CONSOLE, "/"));
        page.getByLabel("API token").fill(TestServer.ADMIN_TOKEN);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                .click();
        page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Overview"))
                .waitFor();
        return page;
    }

    static void open(Page page, String place) {
        if (page.locator("button.menu").isVisible()
                && !"true".equals(page.locator("button.menu").getAttribute("aria-expanded"))) {
            press(page, "Menu");
        }
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(place).setExact(true))
                .first()
                .click();
        leaveFor(
                page,
                page.getByRole(
                        AriaRole.HEADING,
                        new Page.GetByRoleOptions().setName(place).setExact(true)));
    }

    /** Waits for a view, without saving what was entered before. */
    static void leaveFor(Page page, Locator view) {
        Locator leave = page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Leave").setExact(true));
        view.or(leave).first().waitFor();
        if (leave.isVisible()) {
            leave.click();
            view.waitFor();
        }
    }

    /** Waits until the view of that heading is there. */
    static void heading(Page page, String text) {
        page.getByRole(
                        AriaRole.HEADING,
                        new Page.GetByRoleOptions().setName(text).setExact(true))
                .waitFor();
    }

    static void press(Page page, String button) {
        page.getByRole(
                        AriaRole.BUTTON,
                        new Page.GetByRoleOptions().setName(button).setExact(true))
                .click();
    }

    static void picture(Page page, String name) {
        if (!Boolean.getBoolean("pictures")) {
            return;
        }
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target/pictures/console-" + name + ".png")));
    }

    static Browser.NewContextOptions wide() {
        return new Browser.NewContextOptions().setViewportSize(1280, 800);
    }

    @Override
    public void close() {
        if (tab != null) {
            tab.context().close();
        }
    }
}
