package io.sallyport.web;

import java.net.URI;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;

/**
 * Renders the pages people see: escaped by the template engine, one inline stylesheet under a nonce, nothing to load from
 * elsewhere but logos the admin chose, and no script but the portal's one file and the line that sends a form on its way, without which everything works too.
 */
public final class Pages {
    /** What proxies and browsers bear in one header; a portal with logos from more places shows letters for the rest. */
    private static final int MOST_IMAGE_HOSTS = 50;

    private static final Branding PLAIN = new Branding("", null, null, null, null, null);

    private final SpringTemplateEngine engine = new SpringTemplateEngine();
    private final SecureRandom random = new SecureRandom();

    /** Reads the templates, and renders one page, so that no visitor waits for the engine to find its parts on the class path. */
    public Pages() {
        engine.setTemplateResolver(new Templates());
        problem(null, new Problem(503, "starting", "Starting", "Not yet.", "", null), List.of());
    }

    /** How to sign in to an application; 200, or 400 when the last input was wrong. */
    public Page login(Branding branding, LoginView view) {
        return page(view.error() == null ? 200 : 400, "login", branding, view, view.applicationLogo(), true);
    }

    /** Asks for the one-time PIN; 200, or 400 when the last one was wrong. */
    public Page code(Branding branding, CodeView view) {
        return page(view.error() == null ? 200 : 400, "code", branding, view, null, true);
    }

    /** The portal: the signed-in person's applications. */
    public Page launcher(Branding branding, LauncherView view) {
        return page(200, "launcher", branding, view, view.images(), FormTarget.HERE, Script.FILE);
    }

    /** The portal's page for visitors who are not signed in. */
    public Page landing(Branding branding, LandingView view) {
        return page(
                200,
                "landing",
                branding,
                view,
                view.imageUrl() == null ? List.of() : List.of(view.imageUrl()),
                FormTarget.NOWHERE,
                Script.NONE);
    }

    /** Asks whether a command line may act for the person. */
    public Page cli(Branding branding, CliView view) {
        return page(200, "cli", branding, view, List.of(), FormTarget.HERE, Script.NONE);
    }

    /** The signed-in person's sessions and credentials; 200, or 400 when the last input was wrong. */
    public Page account(Branding branding, AccountView view) {
        return page(
                view.wish().refused() == null ? 200 : 400,
                "account",
                branding,
                view,
                List.of(),
                FormTarget.HERE,
                Script.NONE);
    }

    /** A form on its way to another site. */
    public Page handOver(Branding branding, HandOver view) {
        return page(200, "hand-over", branding, view, List.of(), FormTarget.ONWARDS, Script.INLINE);
    }

    /** An admin approves a login of the tunnel commands; 400 when the last input was wrong. */
    public Page certificate(Branding branding, CertificateView view) {
        int status = view.error() == null ? 200 : 400;
        return page(status, "certificate", branding, view, List.of(), FormTarget.HERE, Script.NONE);
    }

    /** Something went as asked. */
    public Page notice(Branding branding, Notice view) {
        return page(200, "notice", branding, view, null, false);
    }

    /** Something did not, and what to do about it. */
    public Page problem(@Nullable Branding branding, Problem problem, List<Action> actions) {
        return page(
                problem.status(),
                "problem",
                branding == null ? PLAIN : branding,
                new ProblemView(problem, List.copyOf(actions)),
                null,
                false);
    }

    /**
     * A page of an admin's making. The browser keeps it in a sandbox: an origin of its own, to which neither cookies nor storage of
     * the host belong, no connections, no forms, nothing in frames, and no scripts.
     */
    public static Page custom(int status, String html) {
        return sandboxed(status, html, "", "");
    }

    /** The same with scripts, which run in that sandbox. */
    public static Page customWithScripts(int status, String html) {
        return sandboxed(status, html, " script-src 'unsafe-inline';", " allow-scripts");
    }

    private static Page sandboxed(int status, String html, String scripts, String allowance) {
        String policy =
                "default-src 'none'; style-src 'unsafe-inline' https:; img-src https: data:; font-src https: data:;"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                        + scripts + " sandbox allow-popups allow-popups-to-escape-sandbox" + allowance;
        return new Page(status, html, policy);
    }

    /** What the problem template reads. */
    public record ProblemView(Problem problem, List<Action> actions) {}

    /** Where a page's forms may go. */
    private enum FormTarget {
        NOWHERE("'none'"),
        HERE("'self'"),
        /**
         * Chromium applies {@code form-action} to every redirect that follows a post, and a signed-in person may be sent on from the
         * application to anywhere the application likes; such a page names schemes instead of hosts.
         */
        ONWARDS("'self' https: http:");

        private final String source;

        FormTarget(String source) {
            this.source = source;
        }
    }

    /** What scripts a page has. */
    private enum Script {
        NONE,
        /** One file of ours. */
        FILE,
        /** One line under the page's nonce. */
        INLINE
    }

    private Page page(
            int status, String template, Branding branding, Record view, @Nullable String image, boolean hasForm) {
        return page(
                status,
                template,
                branding,
                view,
                image == null ? List.of() : List.of(image),
                hasForm ? FormTarget.ONWARDS : FormTarget.NOWHERE,
                Script.NONE);
    }

    private Page page(
            int status,
            String template,
            Branding branding,
            Record view,
            List<String> images,
            FormTarget forms,
            Script script) {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        String nonce = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Context context = new Context(
                Locale.ENGLISH,
                Map.of("view", view, "branding", branding, "nonce", nonce, "brandStyle", BrandStyle.of(branding)));
        Stream<String> shown = Stream.concat(Stream.ofNullable(branding.logoUrl()), images.stream());
        return new Page(status, engine.process(template, context), contentSecurityPolicy(nonce, shown, forms, script));
    }

    /** Allows the page exactly what it contains. */
    private static String contentSecurityPolicy(String nonce, Stream<String> shown, FormTarget forms, Script script) {
        String images = shown.map(Pages::imageSource)
                .filter(source -> !source.isEmpty())
                .distinct()
                .limit(MOST_IMAGE_HOSTS)
                .collect(Collectors.joining(" "));
        return "default-src 'none'; style-src 'nonce-" + nonce
                + "'; base-uri 'none'; frame-ancestors 'none'; form-action " + forms.source
                + switch (script) {
                    case NONE -> "";
                    case FILE -> "; script-src 'self'";
                    case INLINE -> "; script-src 'nonce-" + nonce + "'";
                }
                + (images.isEmpty() ? "" : "; img-src " + images);
    }

    private static String imageSource(String url) {
        try {
            URI uri = URI.create(url);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            return web && uri.getHost() != null
                    ? uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                    : "";
        } catch (IllegalArgumentException malformed) {
            return "";
        }
    }
}
