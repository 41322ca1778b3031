/**
 * What happened: authentication events, the trail of admin changes, and times of last use. All packages report here,
 * and it depends on none of them. Start reading at {@link io.sallyport.audit.AuditTrail} and {@link
 * io.sallyport.audit.AuditLog}.
 */
@NullMarked
package io.sallyport.audit;

import org.jspecify.annotations.NullMarked;
