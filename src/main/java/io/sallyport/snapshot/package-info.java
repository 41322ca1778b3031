/**
 * Turns rows into the one immutable picture every request reads, and swaps it when the configuration changes. Start reading
 * at {@link io.sallyport.snapshot.Snapshot}.
 */
@NullMarked
package io.sallyport.snapshot;

import org.jspecify.annotations.NullMarked;
