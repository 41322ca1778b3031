package io.sallyport.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A short name for the browser a person signed in with, for their own list of sessions. Only ever shown, never part of a decision
 * (PN-14).
 */
public final class DeviceName {
    /** The order matters: browsers' headers also name the browsers they derive from. */
    private static final List<String[]> BROWSERS = List.of(
            new String[] {"Edg", "Edge"},
            new String[] {"OPR/", "Opera"},
            new String[] {"SamsungBrowser", "Samsung Internet"},
            new String[] {"FxiOS", "Firefox"},
            new String[] {"Firefox/", "Firefox"},
            new String[] {"CriOS", "Chrome"},
            new String[] {"Chromium", "Chromium"},
            new String[] {"Chrome/", "Chrome"},
            new String[] {"Safari/", "Safari"},
            new String[] {"cloudflared", "cloudflared"},
            new String[] {"sallyport", "Sallyport command line"},
            new String[] {"curl/", "curl"});

    private static final List<String[]> SYSTEMS = List.of(
            new String[] {"iPhone", "iPhone"},
            new String[] {"iPad", "iPad"},
            new String[] {"Android", "Android"},
            new String[] {"CrOS", "ChromeOS"},
            new String[] {"Windows", "Windows"},
            new String[] {"Mac OS X", "macOS"},
            new String[] {"Linux", "Linux"});

    private DeviceName() {}

    /** Such as {@code Firefox on Linux}; null when nothing in the header is recognised. */
    public static @Nullable String of(@Nullable String userAgent) {
        if (userAgent == null) {
            return null;
        }
        String browser = first(BROWSERS, userAgent);
        String system = first(SYSTEMS, userAgent);
        if (browser == null || system == null) {
            return browser == null ? system : browser;
        }
        return browser + " on " + system;
    }

    private static @Nullable String first(List<String[]> names, String userAgent) {
        return names.stream()
                .filter(name -> userAgent.contains(name[0]))
                .map(name -> name[1])
                .findFirst()
                .orElse(null);
    }
}
