package io.sallyport.connector;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import io.sallyport.http.WebSocketKey;
import io.sallyport.tunnel.wire.ResponseMeta;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests that become byte streams to a TCP service. */
final class ByteStreams {
    private static final int SSH = 22;

    private ByteStreams() {}

    /** Connects to the service of a rule; the bytes travel in a WebSocket that the connector terminates. */
    static void webSocket(Exchange exchange, EdgeRequest request, OriginSettings settings, String host, int port) {
        exchange.proxy().metrics().tcpBegun();
        Dialer.connect(exchange.eventLoop(), host, port, Dialer.Manner.of(settings))
                .addListener((Future<Channel> dialled) -> {
                    Channel origin = reached(exchange, host + ":" + port, dialled);
                    if (origin != null) {
                        exchange.respond(accepted(request));
                        exchange.flush();
                        exchange.becomeBytes(pipeline -> {
                            WebSocketBytes.addTo(pipeline);
                            pipeline.addLast(new ByteRelay(origin));
                        });
                        relay(exchange, origin);
                    }
                });
    }

    /** Connects to the host that the client names, if the operator allows that. */
    static void bastion(Exchange exchange, EdgeRequest request, OriginSettings settings) {
        String destination = request.head().headers().get("cf-access-jump-destination");
        HostPort target = destination == null ? null : HostPort.parse(withoutScheme(destination), SSH);
        if (target == null) {
            exchange.answer(400, ResponseMeta.ORIGIN);
        } else {
            webSocket(exchange, request, settings, target.host(), target.port());
        }
    }

    /**
     * SOCKS5 inside the WebSocket.
     *
     * @param fixed the destination of every CONNECT; null when the client chooses it, within the rule's {@code ipRules}
     */
    static void socks(Exchange exchange, EdgeRequest request, OriginSettings settings, Service.@Nullable Tcp fixed) {
        exchange.respond(accepted(request));
        exchange.flush();
        Channel stream = exchange.channel();
        exchange.becomeBytes(pipeline -> {
            WebSocketBytes.addTo(pipeline);
            SocksServer.addTo(pipeline, settings, fixed);
        });
        stream.read();
    }

    /** Connects to the IP address of the private network that the edge names; host names are refused. */
    static void raw(Exchange exchange, String authority, PrivateNetwork network, ConnectorMetrics metrics) {
        HostPort target = HostPort.parse(authority, 0);
        InetAddress address = target == null || target.port() == 0 ? null : HostPort.literal(target.host());
        if (target == null || address == null) {
            exchange.fail();
            return;
        }
        Dialer.Manner manner = new Dialer.Manner(network.connectTimeout(), network.tcpKeepAlive(), true);
        Dialer.connect(exchange.eventLoop(), List.of(address), target.port(), manner)
                .addListener((Future<Channel> dialled) -> {
                    Channel origin = reached(exchange, authority, dialled);
                    if (origin != null) {
                        metrics.flowBegun(origin);
                        exchange.respond(EdgeResponse.bare(200, ResponseMeta.ORIGIN));
                        exchange.flush();
                        exchange.becomeBytes(pipeline -> pipeline.addLast(new ByteRelay(origin)));
                        relay(exchange, origin);
                    }
                });
    }

    private static @Nullable Channel reached(Exchange exchange, String service, Future<Channel> dialled) {
        if (!dialled.isSuccess()) {
            exchange.unreachable(service, dialled.cause());
            return null;
        }
        if (exchange.isOver()) {
            dialled.getNow().close();
            return null;
        }
        return dialled.getNow();
    }

    private static void relay(Exchange exchange, Channel origin) {
        Channel stream = exchange.channel();
        origin.pipeline().addLast(new ByteRelay(stream));
        if (!origin.isActive()) {
            stream.close();
        }
        stream.read();
        origin.read();
    }

    /** The answer to a WebSocket handshake; over HTTP/2 the codec turns it into a 200. */
    static EdgeResponse accepted(EdgeRequest request) {
        HttpHeaders headers = new DefaultHttpHeaders();
        String key = request.head().headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (key != null) {
            headers.set(HttpHeaderNames.CONNECTION, "Upgrade");
            headers.set(HttpHeaderNames.UPGRADE, "websocket");
            headers.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, WebSocketKey.accept(key));
        }
        return new EdgeResponse(101, headers, ResponseMeta.ORIGIN);
    }

    private static String withoutScheme(String destination) {
        int scheme = destination.indexOf("://");
        String rest = scheme < 0 ? destination : destination.substring(scheme + 3);
        int path = rest.indexOf('/');
        return path < 0 ? rest : rest.substring(0, path);
    }
}
