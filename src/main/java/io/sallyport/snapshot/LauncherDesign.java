package io.sallyport.snapshot;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code app_launcher} application says about the look of the portal. Colours are
 * {@code #rrggbb}.
 *
 * @param landing the page for visitors who have not signed in; null sends them straight to the sign-in
 */
public record LauncherDesign(
        @Nullable String logoUrl,
        @Nullable String background,
        @Nullable String headerBackground,
        List<FooterLink> footerLinks,
        @Nullable Landing landing) {
    /** The type of the application that is the portal. */
    public static final String TYPE = "app_launcher";

    /** Copies the links. */
    public LauncherDesign {
        footerLinks = List.copyOf(footerLinks);
    }

    /** A link at the foot of the portal. */
    public record FooterLink(String name, String url) {}

    /** {@code landing_page_design}; absent members get our own words. */
    public record Landing(
            @Nullable String title,
            @Nullable String message,
            @Nullable String imageUrl,
            @Nullable String buttonColor,
            @Nullable String buttonTextColor) {}

    /** @throws Json.Unreadable naming the member at fault */
    static LauncherDesign read(Json body) {
        Json landing = body.member("landing_page_design");
        return new LauncherDesign(
                body.text("app_launcher_logo_url"),
                body.colour("bg_color"),
                body.colour("header_bg_color"),
                body.member("footer_links").elements().stream()
                        .map(link -> new FooterLink(link.requiredText("name"), web(link)))
                        .toList(),
                body.flag("skip_app_launcher_login_page", false)
                        ? null
                        : new Landing(
                                landing.text("title"),
                                landing.text("message"),
                                landing.text("image_url"),
                                landing.colour("button_color"),
                                landing.colour("button_text_color")));
    }

    /**
     * Accepts http, https and mailto links only; another scheme, such as {@code javascript:}, could run code in our
     * page.
     */
    private static String web(Json link) {
        String url = link.requiredText("url");
        if (!url.startsWith("https://") && !url.startsWith("http://") && !url.startsWith("mailto:")) {
            throw link.member("url").unreadable("must be a web address or mailto:");
        }
        return url;
    }
}
