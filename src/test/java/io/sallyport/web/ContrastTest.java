package io.sallyport.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every colour that text has, on every ground it stands on, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11). */
class ContrastTest {
    private static final Path PAGES = Path.of("src/main/resources/templates/layout.html");
    private static final Path CONSOLE = Path.of("src/main/resources/static/console/style.css");
    private static final Pattern ROOT = Pattern.compile(":root\\{([^}]*--page:[^}]*)}");
    private static final Pattern VARIABLE = Pattern.compile("--([a-z-]+):(#[0-9a-f]{3,6})");
    private static final List<String> INKS = List.of("ink", "quiet", "accent", "accent-hover", "bad", "good", "warn");
    private static final List<String> GROUNDS = List.of("card", "page", "wash", "bad-wash", "good-wash", "warn-wash");

    /** One colour on another, and how much they must differ. */
    record Pair(String where, String ink, String ground, double least) {
        @Override
        public String toString() {
            return ink + " on " + ground + ", " + where;
        }
    }

    private static final Map<String, Map<String, String>> PALETTES = palettes();

    private static Map<String, Map<String, String>> palettes() {
        Map<String, Map<String, String>> all = new HashMap<>();
        for (Path sheet : List.of(PAGES, CONSOLE)) {
            Matcher root = ROOT.matcher(text(sheet));
            for (String scheme : List.of("light", "dark")) {
                assertThat(root.find()).as("%s of %s", scheme, sheet).isTrue();
                Map<String, String> colours = new HashMap<>();
                Matcher variable = VARIABLE.matcher(root.group(1));
                while (variable.find()) {
                    colours.put(variable.group(1), variable.group(2));
                }
                all.put(sheet.getFileName() + " " + scheme, colours);
            }
        }
        return all;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file + " cannot be read", e);
        }
    }

    static Stream<Pair> text() {
        return PALETTES.entrySet().stream().flatMap(palette -> {
            Map<String, String> colours = palette.getValue();
            Stream<Pair> text = INKS.stream()
                    .filter(colours::containsKey)
                    .flatMap(ink -> GROUNDS.stream()
                            .filter(colours::containsKey)
                            .map(ground -> new Pair(palette.getKey(), ink, ground, 4.5)));
            Stream<Pair> buttons = Stream.of("accent", "accent-hover")
                    .map(ground -> new Pair(palette.getKey(), "on-accent", ground, 4.5));
            // What shows where a control is, and which one has the focus.
            Stream<Pair> edges = Stream.of("edge", "accent")
                    .flatMap(line ->
                            Stream.of("card", "page").map(ground -> new Pair(palette.getKey(), line, ground, 3)));
            return Stream.of(text, buttons, edges).flatMap(pairs -> pairs);
        });
    }

    @ParameterizedTest
    @MethodSource("text")
    void canBeRead(Pair pair) {
        Map<String, String> colours = PALETTES.get(pair.where());

        assertThat(Contrast.between(full(colours.get(pair.ink())), full(colours.get(pair.ground()))))
                .isGreaterThanOrEqualTo(pair.least());
    }

    static Stream<String> badges() {
        return Pattern.compile("\\.hue\\d\\{background:(#[0-9a-f]{6})}")
                .matcher(text(PAGES))
                .results()
                .map(hue -> hue.group(1));
    }

    @ParameterizedTest
    @MethodSource("badges")
    void theLetterOnABadgeCanBeRead(String ground) {
        assertThat(Contrast.between("#ffffff", ground)).isGreaterThanOrEqualTo(4.5);
    }

    @Test
    void whateverGroundAnAdminChoosesTextOnItCanBeRead() {
        Pattern ink = Pattern.compile("--page-ink:(#[0-9a-f]{6})");
        for (int colour = 0; colour < 16 * 16 * 16; colour++) {
            String ground = full(String.format(Locale.ROOT, "#%03x", colour));
            Matcher chosen = ink.matcher(BrandStyle.of(new Branding("", ground, ground, null, null, null)));
            assertThat(chosen.find()).isTrue();
            assertThat(Contrast.between(chosen.group(1), ground)).as(ground).isGreaterThanOrEqualTo(4.5);
        }
    }

    private static String full(String colour) {
        return colour.length() == 7 ? colour : colour.replaceAll("[0-9a-f]", "$0$0");
    }
}
