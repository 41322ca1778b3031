/**
 * The hash chain of the audit trail: the same few classes for the server that writes it and for whoever checks an export offline.
 * Plain Java; start at {@link io.sallyport.audit.chain.ChainVerifier}.
 */
@NullMarked
package io.sallyport.audit.chain;

import org.jspecify.annotations.NullMarked;
