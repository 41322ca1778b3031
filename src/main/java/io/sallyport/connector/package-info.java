/**
 * The connector: runs beside the origin, connects to the edge, and forwards admitted requests to the services that its rules name.
 * Plain Netty, no Spring. Everything about one request happens on one event loop, that of the connection on which the request
 * arrived. Start reading at {@link io.sallyport.connector.Connector} for connections and at {@link
 * io.sallyport.connector.OriginProxy} for requests.
 */
@NullMarked
package io.sallyport.connector;

import org.jspecify.annotations.NullMarked;
