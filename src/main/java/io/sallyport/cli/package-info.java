/**
 * The command line: one class per command, with cloudflared's verbs where it has them. It starts fast, because neither this package nor
 * what it uses loads Spring. It talks to the gateway only through its API. Start reading at {@link io.sallyport.cli.Commands}.
 */
@NullMarked
package io.sallyport.cli;

import org.jspecify.annotations.NullMarked;
