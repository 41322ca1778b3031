/**
 * How a token travels from the edge to a command line that waits for it (protocol/connector-api.md §3): sealed to a key only the
 * command line holds. Start reading at {@link io.sallyport.transfer.NaclBox}.
 */
@NullMarked
package io.sallyport.transfer;

import org.jspecify.annotations.NullMarked;
