/**
 * Who is at the door, and until when: reads session cookies from memory alone, issues application tokens from stored identities, and
 * keeps the ledger of sessions. Start reading at {@link io.sallyport.session.SessionReader}.
 */
@NullMarked
package io.sallyport.session;

import org.jspecify.annotations.NullMarked;
