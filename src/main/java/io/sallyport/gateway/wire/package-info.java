/**
 * The guards of the wire, which stand right behind the codecs of the public listeners: what could be read in two ways, comes too
 * slowly, floods, or is one connection too many from one source ends here, before anything of ours has seen it. {@link
 * io.sallyport.gateway.wire.WireGuard} and {@link io.sallyport.gateway.wire.RequestGuard} stand there for HTTP/1.1, {@link
 * io.sallyport.gateway.wire.FrameScanner} and {@link io.sallyport.gateway.wire.StreamGuard} for HTTP/2. They know nothing of
 * applications or decisions.
 *
 * <p>Start reading at {@link io.sallyport.gateway.wire.EdgeServer}, which puts them in their places.
 */
@NullMarked
package io.sallyport.gateway.wire;

import org.jspecify.annotations.NullMarked;
