package io.sallyport.web;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The organisation's colours as CSS. Anything that is not a colour is left out, and text that could not be read is made black or white. */
final class BrandStyle {
    private static final Pattern COLOR = Pattern.compile("#[0-9a-fA-F]{6}");
    /** WCAG 2.2, 1.4.3. */
    private static final double READABLE = 4.5;

    private BrandStyle() {}

    static String of(Branding branding) {
        StringBuilder css = new StringBuilder();
        String page = color(branding.backgroundColor());
        if (page != null) {
            String ink = ink(page, branding.textColor());
            css.append(":root{--page:" + page + ";--page-ink:" + ink + ";--page-quiet:" + ink + "}");
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

    /** The wanted colour where it can be read on the ground, else black or white, whichever has the better contrast. */
    private static String ink(String ground, @Nullable String wanted) {
        String color = color(wanted);
        if (color != null && contrast(color, ground) >= READABLE) {
            return color;
        }
        return luminance(ground) > 0.179 ? "#14171c" : "#ffffff";
    }

    private static double contrast(String a, String b) {
        double one = luminance(a) + 0.05;
        double other = luminance(b) + 0.05;
        return Math.max(one, other) / Math.min(one, other);
    }

    private static double luminance(String color) {
        return 0.2126 * channel(color, 1) + 0.7152 * channel(color, 3) + 0.0722 * channel(color, 5);
    }

    private static double channel(String color, int start) {
        double value = Integer.parseInt(color.substring(start, start + 2), 16) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
}
