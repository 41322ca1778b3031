/**
 * The edge's side of tunnels: connectors connect and register, and admitted requests are sent to them over their connections. There
 * are two transports, HTTP/2 with its roles reversed and QUIC. They look the same from outside: a stream of either is a Netty channel
 * that carries HTTP objects.
 *
 * <p>Start reading at {@link io.sallyport.tunnel.TunnelServer} for connections of connectors, at
 * {@link io.sallyport.tunnel.TunnelDirectory} for requests. Everything runs on event loops, so nothing may block. Until a connector
 * has registered, its data is treated as that of a stranger; after that it is trusted no more than an origin (TU-02, TU-05).
 */
@NullMarked
package io.sallyport.tunnel;

import org.jspecify.annotations.NullMarked;
