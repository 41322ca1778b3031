/**
 * What happened, told by everyone and depending on no one: authentication events, the trail of admin changes, and what was last
 * used when. Start reading at {@link io.sallyport.audit.AuditTrail} and {@link io.sallyport.audit.AuditLog}.
 */
@NullMarked
package io.sallyport.audit;

import org.jspecify.annotations.NullMarked;
