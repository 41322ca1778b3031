/**
 * What happened, told by everyone and depending on no one: access log, authentication events, admin changes.
 */
@NullMarked
package io.sallyport.audit;

import org.jspecify.annotations.NullMarked;
