package io.sallyport.web;

import org.jspecify.annotations.Nullable;

/**
 * How the organisation's pages look: its {@code login_design}, over which the portal may lay its own colours. Colours are
 * {@code #rrggbb} and checked before they get here; what would be unreadable on them is not used.
 *
 * @param accents colours of the portal, null for ours
 */
public record Branding(
        String organizationName,
        @Nullable String backgroundColor,
        @Nullable String textColor,
        @Nullable String logoUrl,
        @Nullable String headerText,
        @Nullable String footerText,
        @Nullable Accents accents) {
    /** Without colours of the portal. */
    public Branding(
            String organizationName,
            @Nullable String backgroundColor,
            @Nullable String textColor,
            @Nullable String logoUrl,
            @Nullable String headerText,
            @Nullable String footerText) {
        this(organizationName, backgroundColor, textColor, logoUrl, headerText, footerText, null);
    }

    /** Colours of the band at the head of a page, and of its one button. */
    public record Accents(
            @Nullable String header,
            @Nullable String button,
            @Nullable String buttonText) {}
}
