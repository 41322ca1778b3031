package io.sallyport.testkit;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A headless Chromium of the machine's own. Where there is none the tests that need it fail with one line saying how to get it:
 * a browser test that quietly skips proves nothing.
 */
public final class Chromium {
    private static final List<String> PLACES = List.of(
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
            "/snap/bin/chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium");

    private static @Nullable Chromium shared;

    private final Playwright playwright;
    private final Browser browser;

    private Chromium(Playwright playwright, Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** The one of this test JVM, which ends with it: starting another costs more than most tests do with it. */
    public static synchronized Chromium shared() {
        Chromium known = shared;
        if (known == null) {
            known = launch();
            shared = known;
            Runtime.getRuntime().addShutdownHook(new Thread(known::end));
        }
        return known;
    }

    private static Chromium launch() {
        Path executable = executable();
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable)
                        .setHeadless(true)
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync")));
        PlaywrightAssertions.setDefaultAssertionTimeout(30_000); // as long as Playwright waits for anything else
        return new Chromium(playwright, browser);
    }

    /** A browser of somebody's own: no cookies, no cache, no storage of anybody else's. */
    public BrowserContext newContext(Browser.NewContextOptions options) {
        return browser.newContext(options);
    }

    /** The same on an ordinary screen. */
    public BrowserContext newContext() {
        return newContext(new Browser.NewContextOptions());
    }

    private static Path executable() {
        String chosen = System.getenv("CHROMIUM");
        return Stream.concat(Stream.ofNullable(chosen), PLACES.stream())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "the browser tests need Chromium: apt-get install chromium, or set CHROMIUM to its path"));
    }

    private void end() {
        browser.close();
        playwright.close();
    }
}
