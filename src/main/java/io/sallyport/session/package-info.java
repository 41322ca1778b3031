/**
 * Sessions: who sends a request, and until when that is valid. Judges credentials without I/O, issues application
 * tokens from stored identities, and keeps the ledger of sessions. Start reading at {@link
 * io.sallyport.session.SessionReader}.
 */
@NullMarked
package io.sallyport.session;

import org.jspecify.annotations.NullMarked;
