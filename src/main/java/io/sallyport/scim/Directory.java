package io.sallyport.scim;

import java.util.UUID;

/**
 * An authenticated directory.
 *
 * @param base address of its resources, without trailing slash
 * @param deprovision whether somebody who leaves the directory loses all sessions here
 * @param updates what a change of somebody's groups does to running sessions
 */
record Directory(UUID idp, String base, boolean deprovision, Updates updates) {
    /** {@code identity_update_behavior}. */
    enum Updates {
        /** Running sessions get the new groups. */
        AUTOMATIC,
        /** Running sessions end. */
        REAUTH,
        /** Running sessions stay as they are. */
        NO_ACTION;

        static Updates of(String word) {
            return switch (word) {
                case "automatic" -> AUTOMATIC;
                case "reauth" -> REAUTH;
                default -> NO_ACTION;
            };
        }
    }
}
