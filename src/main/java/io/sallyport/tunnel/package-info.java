/**
 * The edge side of the tunnel: connectors dial in and register, requests that passed the gate travel back over their connections.
 * Two transports, HTTP/2 with its roles reversed and QUIC, look the same from outside: a stream of either is a Netty channel that
 * speaks HTTP objects.
 *
 * <p>Start reading at {@link io.sallyport.tunnel.TunnelServer} for what comes in, at {@link io.sallyport.tunnel.TunnelDirectory}
 * for what goes out. Nothing here waits: all of it runs on event loops. What a connector says is as hostile as what a stranger says
 * until it has registered, and afterwards it counts as an origin's word and no more (TU-02, TU-05).
 */
@NullMarked
package io.sallyport.tunnel;

import org.jspecify.annotations.NullMarked;
