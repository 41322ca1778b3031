package io.sallyport.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PagesTest {
    private static final Branding BRANDING =
            new Branding("Initech", "#123456", null, "https://img.example/logo.svg", "Hello", "Call 42 for help");
    private static final String HOSTILE = "\"><script>alert('x')</script>";
    private static final Problem DENIED =
            new Problem(403, "identity_denied", "No access", HOSTILE, "0123456789abcdef", HOSTILE);

    private final Pages pages = new Pages();

    @Test
    void everyPageRendersWhatItWasGiven() {
        assertThat(pages.login(BRANDING, loginView("Wiki")).html())
                .contains("Sign in to Wiki", "Continue with Keycloak", "Email address", "Initech", "Call 42 for help")
                .doesNotContain(" th:", "xmlns:th");
        assertThat(pages.code(BRANDING, codeView(null)).html())
                .contains("ada@example.com", "6-digit code", "one-time-code");
        assertThat(pages.launcher(BRANDING, launcherView("Wiki")).html())
                .contains("Your applications", "wiki.localhost", "ada@example.com", "Engineering", "/assets/x.js")
                .doesNotContain(" th:", "xmlns:th");
        assertThat(pages.landing(BRANDING, new LandingView("Hello", "Come in.", null, "/sign-in"))
                        .html())
                .contains("Hello", "Come in.", "/sign-in");
        assertThat(pages.account(BRANDING, accountView("Firefox on Linux")).html())
                .contains("Firefox on Linux", "192.0.2.7", "This one", "Sign out everywhere", "s3cr3t")
                .doesNotContain(" th:", "xmlns:th");
        assertThat(pages.notice(BRANDING, new Notice("Signed out", "Bye.", null, List.of(new Action("Again", "/"))))
                        .html())
                .contains("Signed out", "Again");
    }

    @Test
    void aTickSaysThatSomethingWasDoneAndAQuestionHasNone() {
        assertThat(pages.notice(BRANDING, new Notice("Done", "Yes.", null, List.of()))
                        .html())
                .contains("class=\"mark good\"");
        assertThat(pages.notice(BRANDING, Notice.plain("Open it?", "Hm.", List.of()))
                        .html())
                .contains("Open it?")
                .doesNotContain("class=\"mark good\"");
    }

    @Test
    void namesOfOthersKeepTheirDirectionAndAProblemSaysWhatItsNumberIsFor() {
        assertThat(pages.code(BRANDING, codeView(null)).html())
                .contains("<strong dir=\"auto\">ada@example.com</strong>", "<bdi>");
        assertThat(pages.launcher(BRANDING, launcherView("Wiki")).html())
                .contains("<strong dir=\"auto\">Wiki</strong>");
        assertThat(pages.problem(BRANDING, DENIED, List.of()).html())
                .contains(
                        "Ray ID <code>0123456789abcdef</code>",
                        "Your administrator can look up with it what happened.");
    }

    @Test
    void coloursOfTheAdminAreUsedAndTextOnThemStaysReadable() {
        Branding.Accents accents = new Branding.Accents("#173b2e", "#0b7285", "#0b7286");
        String html = pages.landing(
                        new Branding("Initech", "#ffffff", "#eeeeee", null, null, null, accents),
                        new LandingView("Hello", "Come in.", null, "/sign-in"))
                .html();
        assertThat(html)
                .contains("--page:#ffffff;--page-ink:#14171c")
                .contains("--band:#173b2e;--band-ink:#ffffff")
                .contains("{background:#0b7285;color:#ffffff}");
        assertThat(pages.landing(
                                new Branding("Initech", "#101820", "#f2e6c9", null, null, null),
                                new LandingView("Hello", "Come in.", null, "/sign-in"))
                        .html())
                .contains("--page-ink:#f2e6c9");
    }

    @Test
    void linksAndTheFocusOnAColourOfTheAdminCanBeSeen() {
        assertThat(pages.landing(
                                new Branding("Initech", "#2450c8", null, null, null, null),
                                new LandingView("Hello", "Come in.", null, "/sign-in"))
                        .html())
                .contains("--page-link:#ffffff", ".links a,.bare .empty a{color:var(--page-link,var(--accent))}");
    }

    @Test
    void er01WhatIsNoColourNeverReachesTheStylesheet() {
        String smuggled = "#fff}body{background:url(//steal.example)";
        assertThat(pages.landing(
                                new Branding(
                                        "Initech",
                                        smuggled,
                                        smuggled,
                                        null,
                                        null,
                                        null,
                                        new Branding.Accents(smuggled, smuggled, smuggled)),
                                new LandingView("Hello", "Come in.", null, "/sign-in"))
                        .html())
                .doesNotContain("steal.example");
    }

    @Test
    void er01EverythingReflectedIsEscaped() {
        assertThat(pages.problem(BRANDING, DENIED, List.of()).html())
                .doesNotContain("<script")
                .contains("&lt;script&gt;");
        assertThat(pages.login(new Branding(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE), loginView(HOSTILE))
                        .html())
                .doesNotContain("<script");
        assertThat(pages.code(BRANDING, codeView(HOSTILE)).html()).doesNotContain("<script");
        assertThat(pages.account(BRANDING, accountView(HOSTILE)).html()).doesNotContain("<script");
        assertThat(pages.launcher(BRANDING, launcherView(HOSTILE)).html().replace("<script src=\"/assets/x.js\"", ""))
                .doesNotContain("<script");
    }

    @Test
    void er01ContentSecurityPolicyAllowsOneInlineStyleByAFreshNonceAndNothingElse() {
        Page first = pages.problem(BRANDING, DENIED, List.of());
        Page second = pages.problem(BRANDING, DENIED, List.of());

        assertThat(first.contentSecurityPolicy())
                .startsWith("default-src 'none'; style-src 'nonce-")
                .contains(
                        "frame-ancestors 'none'",
                        "base-uri 'none'",
                        "form-action 'none'",
                        "img-src https://img.example")
                .doesNotContain("unsafe", "script-src");
        assertThat(first.contentSecurityPolicy()).isNotEqualTo(second.contentSecurityPolicy());
        String nonce = first.contentSecurityPolicy().replaceAll(".*nonce-([^']+).*", "$1");
        assertThat(first.html()).contains("nonce=\"" + nonce + "\"").doesNotContain("style=");
    }

    @Test
    void aColourThatIsNotOneNeverReachesTheStyle() {
        Branding hostile = new Branding("x", "red;}body{display:none}", "#fff", null, null, null);
        assertThat(pages.problem(hostile, DENIED, List.of()).html()).doesNotContain("display:none}body", "red;}");
    }

    @Test
    void aBackgroundWithoutTextColourGetsReadableText() {
        Branding dark = new Branding("x", "#000000", null, null, null, null);
        Branding light = new Branding("x", "#ffffff", null, null, null, null);
        assertThat(pages.problem(dark, DENIED, List.of()).html()).contains("--page:#000000;--page-ink:#ffffff");
        assertThat(pages.problem(light, DENIED, List.of()).html()).contains("--page:#ffffff;--page-ink:#14171c");
    }

    private static LoginView loginView(String application) {
        return new LoginView(
                application,
                null,
                List.of(new LoginView.Method("Keycloak", "/cdn-cgi/access/login/wiki.localhost?idp=1")),
                new LoginView.PinForm("/cdn-cgi/access/pin/send", "token", ""),
                null,
                null);
    }

    private static CodeView codeView(@org.jspecify.annotations.Nullable String error) {
        return new CodeView(
                "Wiki",
                "ada@example.com",
                "/cdn-cgi/access/pin",
                "token",
                "/cdn-cgi/access/pin/send",
                "token",
                "/cdn-cgi/access/login/wiki.localhost",
                6,
                10,
                error,
                true);
    }

    @Test
    void thePortalMayRunItsOwnFileShowItsLogosAndNothingElse() {
        String policy = pages.launcher(BRANDING, launcherView("Wiki")).contentSecurityPolicy();

        assertThat(policy)
                .contains(
                        "script-src 'self'", "img-src https://img.example https://logos.example", "form-action 'self'")
                .doesNotContain("unsafe", "http:");
    }

    private static LauncherView launcherView(String name) {
        return new LauncherView(
                "ada@example.com",
                List.of(new LauncherView.Tile(
                        name,
                        "wiki.localhost",
                        "https://wiki.localhost/",
                        "https://logos.example/w.png",
                        List.of(name))),
                1,
                List.of(new LauncherView.Tag("Engineering", "Engineering", "/?tag=Engineering", true)),
                name,
                "/assets/x.js",
                "/account",
                "/cdn-cgi/access/logout",
                List.of(new LauncherView.Link(name, "https://help.example/")));
    }

    private static AccountView accountView(String device) {
        return new AccountView(
                "ada@example.com",
                device,
                "Keycloak",
                List.of(
                        new AccountView.Session("n1", device, "192.0.2.7", "just now", true),
                        new AccountView.Session("n2", device, "192.0.2.8", "2 days ago", false)),
                List.of(new AccountView.Pass("p1", device, device, "just now", "never used", "ends in 90 days")),
                List.of(new AccountView.PassPlace("a1", device)),
                new AccountView.Wish("a1", device, "30", null),
                new AccountView.NewPass(device, device, device, "https://wiki.example/x"),
                null,
                "s3cr3t",
                "/account/end-session",
                "/account/sign-out-everywhere",
                "/account/make-app-pass",
                "/account/revoke-app-pass",
                "/",
                "/cdn-cgi/access/logout");
    }
}
