/**
 * How the edge passes a token to a waiting command line: encrypted to a key that only the command line
 * has. Start reading at {@link io.sallyport.transfer.NaclBox}.
 */
@NullMarked
package io.sallyport.transfer;

import org.jspecify.annotations.NullMarked;
