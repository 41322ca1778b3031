package io.sallyport.web;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The portal of a signed-in person.
 *
 * @param tiles the applications that fit query and tag
 * @param total how many there are without query and tag
 * @param tags to filter by; empty when no application has one
 * @param query what was searched for; empty when nothing was
 * @param script where the portal's script lies
 */
public record LauncherView(
        String email,
        List<Tile> tiles,
        int total,
        List<Tag> tags,
        String query,
        String script,
        String account,
        String signOut,
        List<Link> footerLinks) {
    private static final int COLOURS = 6;

    /** Copies the lists. */
    public LauncherView {
        tiles = List.copyOf(tiles);
        tags = List.copyOf(tags);
        footerLinks = List.copyOf(footerLinks);
    }

    /** Every picture of the page. */
    List<String> images() {
        return tiles.stream().map(Tile::logoUrl).filter(Objects::nonNull).toList();
    }

    /** The chosen tag, null when none is. */
    public @Nullable String chosenTag() {
        return tags.stream()
                .filter(tag -> tag.chosen() && !tag.name().isEmpty())
                .map(Tag::name)
                .findFirst()
                .orElse(null);
    }

    /** Something the person may open. */
    public record Tile(
            String name, String host, String href, @Nullable String logoUrl, List<String> tags) {
        /** Copies the tags. */
        public Tile {
            tags = List.copyOf(tags);
        }

        /** The letter on its badge. */
        public String initial() {
            return Initial.of(name);
        }

        /** One of a few colours, always the same for a name. */
        public int colour() {
            return Math.floorMod(name.hashCode(), COLOURS);
        }

        /** What the search looks at. */
        public String words() {
            return (name + " " + host + " " + String.join(" ", tags)).toLowerCase(Locale.ROOT);
        }
    }

    /** One filter; the one without a name shows everything. */
    public record Tag(String name, String label, String href, boolean chosen) {}

    /** A link the admin put at the foot of the page. */
    public record Link(String name, String href) {}
}
