package io.sallyport.web;

import java.util.List;

/**
 * The signed-in person's page on the team domain.
 *
 * @param signOut where signing out happens
 */
public record HomeView(String email, List<Tile> applications, String signOut) {
    /** Copies the tiles. */
    public HomeView {
        applications = List.copyOf(applications);
    }

    /** An application the person may open. */
    public record Tile(String name, String host, String href) {
        /** The letter on its badge. */
        public String initial() {
            return name.isBlank() ? "?" : name.strip().substring(0, 1).toUpperCase(java.util.Locale.ROOT);
        }
    }
}
