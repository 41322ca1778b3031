package io.sallyport.web;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The organisation's colours as CSS. Anything that is not a colour is left out, and text that could not be read is made black or white. */
final class BrandStyle {
    private static final Pattern COLOR = Pattern.compile("#[0-9a-fA-F]{6}");
    /** WCAG 2.2, 1.4.3. */
    private static final double READABLE = 4.5;

    /**
     * Replacement colours, tried in this order; on some backgrounds of medium brightness only pure black is readable.
     */
    private static final List<String> INKS = List.of("#14171c", "#ffffff", "#000000");

    private BrandStyle() {}

    static String of(Branding branding) {
        StringBuilder css = new StringBuilder();
        String page = color(branding.backgroundColor());
        if (page != null) {
            String ink = ink(page, branding.textColor());
            css.append(":root{--page:" + page + ";--page-ink:" + ink + ";--page-quiet:" + ink + ";--page-link:" + ink
                    + "}");
        }
        Branding.Accents accents = branding.accents();
        if (accents != null) {
            accents(accents, css);
        }
        return css.toString();
    }

    private static void accents(Branding.Accents accents, StringBuilder css) {
        String header = color(accents.header());
        if (header != null) {
            css.append(":root{--band:" + header + ";--band-ink:" + ink(header, null) + "}");
        }
        String button = color(accents.button());
        if (button != null) {
            css.append(".lead~.actions .button,.lead~.actions .button:hover{background:" + button + ";color:"
                    + ink(button, accents.buttonText())
                    + "}.lead~.actions .button:hover{text-decoration:underline}");
        }
    }

    private static @Nullable String color(@Nullable String text) {
        return text != null && COLOR.matcher(text).matches() ? text : null;
    }

    /** The wanted colour where it can be read on the ground, else a dark or a light one that can. */
    private static String ink(String ground, @Nullable String wanted) {
        return Stream.concat(Stream.ofNullable(color(wanted)), INKS.stream())
                .filter(ink -> Contrast.between(ink, ground) >= READABLE)
                .findFirst()
                .orElse("#000000");
    }
}
