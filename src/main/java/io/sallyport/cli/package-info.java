/**
 * The command line: one class per command, cloudflared's verbs where it has them. It starts in a blink, because nothing here or
 * below wakes Spring, and it talks to the gateway only by its API. Start reading at {@link io.sallyport.cli.Commands}.
 */
@NullMarked
package io.sallyport.cli;

import org.jspecify.annotations.NullMarked;
