package io.sallyport.web;

import org.jspecify.annotations.Nullable;

/** The organisation's {@code login_design}; colours are {@code #rrggbb} and checked before they get here. */
public record Branding(
        String organizationName,
        @Nullable String backgroundColor,
        @Nullable String textColor,
        @Nullable String logoUrl,
        @Nullable String headerText,
        @Nullable String footerText) {}
