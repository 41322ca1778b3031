/**
 * The guards of the public listeners. They stand next to Netty's codecs and end what is ambiguous, arrives too slowly,
 * floods us, or exceeds the connections of one source, before any other handler sees it. {@link
 * io.sallyport.gateway.wire.WireGuard} and {@link io.sallyport.gateway.wire.RequestGuard} do so for HTTP/1.1, {@link
 * io.sallyport.gateway.wire.FrameScanner} and {@link io.sallyport.gateway.wire.StreamGuard} for HTTP/2. They know
 * nothing of applications or decisions.
 *
 * <p>Start reading at {@link io.sallyport.gateway.wire.EdgeServer}, which puts them in their places.
 */
@NullMarked
package io.sallyport.gateway.wire;

import org.jspecify.annotations.NullMarked;
