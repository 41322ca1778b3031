/**
 * What goes over the tunnel between connector and edge, byte for byte: Cap'n Proto messages and the little RPC they travel in, the
 * heads of streams, the kinds of request, header serialisation, tokens. Both ends are built on it, so it knows neither sockets nor
 * Spring: bytes in, bytes out. All input is hostile (TU-12); whatever does not parse ends in one {@link
 * io.sallyport.tunnel.wire.WireRefusal}, and nothing is allocated because a length field said so.
 *
 * <p>Start reading at {@link io.sallyport.tunnel.wire.RpcConnection} for registration and configuration, at {@link
 * io.sallyport.tunnel.wire.ConnectRequest} for proxied requests. The facts are in {@code protocol/tunnel-transport.md}.
 */
@NullMarked
package io.sallyport.tunnel.wire;

import org.jspecify.annotations.NullMarked;
