/**
 * Who is at the door, and until when: reads session cookies from memory alone, and keeps the ledger of stored identities.
 *.
 */
@NullMarked
package io.sallyport.session;

import org.jspecify.annotations.NullMarked;
