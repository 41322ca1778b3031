/**
 * The vocabulary for who is asking: people, service tokens, groups, and the ids everything is known by. Records without
 * behaviour to speak of. Start reading at {@link io.sallyport.identity.Identity}.
 */
@NullMarked
package io.sallyport.identity;

import org.jspecify.annotations.NullMarked;
