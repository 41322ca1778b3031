/**
 * The only place that signs, verifies, seals or wraps: Nimbus and every cryptographic choice live here. Start reading at
 * {@link io.sallyport.token.KeyRing}.
 */
@NullMarked
package io.sallyport.token;

import org.jspecify.annotations.NullMarked;
