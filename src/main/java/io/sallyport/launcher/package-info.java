/**
 * The portal at the root of the team domain: the applications a person may open, by the same policies as the gate, and the
 * person's own sessions. Start reading at {@link io.sallyport.launcher.LauncherRoutes}.
 */
@NullMarked
package io.sallyport.launcher;

import org.jspecify.annotations.NullMarked;
