/**
 * The far end of a tunnel: runs for months beside the origin, dials out to the edge, and carries requests that passed the gate to
 * the services its rules name. Plain Netty, no Spring. Everything about one request happens on one event loop, that of the
 * connection it came over. Start reading at {@link io.sallyport.connector.Connector} for connections and at {@link
 * io.sallyport.connector.OriginProxy} for requests.
 */
@NullMarked
package io.sallyport.connector;

import org.jspecify.annotations.NullMarked;
