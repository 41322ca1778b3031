/**
 * The protocol between connector and edge: Cap'n Proto messages and their RPC, the heads of streams, the kinds of request, header
 * serialisation, tokens. Both ends use it, so it depends neither on sockets nor on Spring and only converts bytes. All input is
 * treated as hostile (TU-12): whatever does not parse ends in a {@link
 * io.sallyport.tunnel.wire.WireRefusal}, and no memory is allocated merely because a length field announces it.
 *
 * <p>Start reading at {@link io.sallyport.tunnel.wire.RpcConnection} for registration and configuration, at {@link
 * io.sallyport.tunnel.wire.ConnectRequest} for proxied requests.
 */
@NullMarked
package io.sallyport.tunnel.wire;

import org.jspecify.annotations.NullMarked;
