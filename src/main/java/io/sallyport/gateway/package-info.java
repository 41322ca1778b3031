/**
 * The edge: whatever reaches an application host passes here, and leaves only with an {@link io.sallyport.gateway.Admission}. Runs on
 * event loops: nothing waits, and the snapshot is read once for each request.
 *
 * <p>Start reading at {@link io.sallyport.gateway.GatewayConfiguration}, which wires the classes in the order in which a request passes
 * them; the walk in ARCHITECTURE.md has the same names in the same order.
 */
@NullMarked
package io.sallyport.gateway;

import org.jspecify.annotations.NullMarked;
