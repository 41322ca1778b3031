/**
 * The edge. A request passes these classes from top to bottom; see the walk in ARCHITECTURE.md.
 */
@NullMarked
package io.sallyport.gateway;

import org.jspecify.annotations.NullMarked;
