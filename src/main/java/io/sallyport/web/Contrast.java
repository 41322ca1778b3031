package io.sallyport.web;

/** How well a colour can be told from another: WCAG 2.2, contrast ratio. Colours are {@code #rrggbb}. */
final class Contrast {
    private Contrast() {}

    /** From 1, the same, to 21, black on white. */
    static double between(String a, String b) {
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
