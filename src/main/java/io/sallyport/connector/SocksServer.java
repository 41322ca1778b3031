package io.sallyport.connector;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.socksx.SocksVersion;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialResponse;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5CommandType;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequest;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5ServerEncoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SOCKS5 (RFC 1928) on a stream of bytes: no authentication, CONNECT only. Data that a client sends before it
 * has an answer is kept until the connection is established.
 */
final class SocksServer extends ChannelInboundHandlerAdapter {
    private final OriginSettings settings;
    private final Service.@Nullable Tcp fixed;
    private final Deque<ByteBuf> early = new ArrayDeque<>();
    private boolean isDialling;

    private SocksServer(OriginSettings settings, Service.@Nullable Tcp fixed) {
        this.settings = settings;
        this.fixed = fixed;
    }

    static void addTo(ChannelPipeline pipeline, OriginSettings settings, Service.@Nullable Tcp fixed) {
        pipeline.addLast(
                Socks5ServerEncoder.DEFAULT, new Socks5InitialRequestDecoder(), new SocksServer(settings, fixed));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Socks5InitialRequest hello
            when hello.version() == SocksVersion.SOCKS5 && hello.authMethods().contains(Socks5AuthMethod.NO_AUTH) -> {
                ctx.pipeline().addBefore(ctx.name(), null, new Socks5CommandRequestDecoder());
                ctx.pipeline().remove(Socks5InitialRequestDecoder.class);
                ctx.writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.NO_AUTH));
            }
            case Socks5InitialRequest _ -> {
                ctx.writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.UNACCEPTED));
                ctx.close();
            }
            case Socks5CommandRequest request
            when request.decoderResult().isSuccess() -> {
                isDialling = true;
                command(ctx, request);
            }
            case ByteBuf bytes when isDialling -> early.add(bytes);
            default -> {
                ReferenceCountUtil.release(message);
                ctx.close();
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
        if (!isDialling) {
            ctx.read();
        }
    }

    /** The client has left, possibly before the connection was established. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        early.forEach(ByteBuf::release);
        early.clear();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        handlerRemoved(ctx);
        ctx.fireChannelInactive();
    }

    private void command(ChannelHandlerContext ctx, Socks5CommandRequest request) {
        if (!Socks5CommandType.CONNECT.equals(request.type())) {
            refuse(ctx, Socks5CommandStatus.COMMAND_UNSUPPORTED);
        } else if (fixed != null) {
            Dialer.connect(ctx.channel().eventLoop(), fixed.host(), fixed.port(), Dialer.Manner.of(settings))
                    .addListener((Future<Channel> dialled) -> connected(ctx, dialled));
        } else {
            // Connects to the very address that was checked: a second look-up of the name could return another one.
            Dialer.resolve(ctx.channel().eventLoop(), request.dstAddr())
                    .addListener((Future<List<InetAddress>> found) -> resolved(ctx, found, request.dstPort()));
        }
    }

    private void resolved(ChannelHandlerContext ctx, Future<List<InetAddress>> found, int port) {
        if (!found.isSuccess()) {
            refuse(ctx, Socks5CommandStatus.HOST_UNREACHABLE);
            return;
        }
        List<InetAddress> allowed = found.getNow().stream()
                .filter(address -> IpRule.allows(settings.ipRules(), address, port))
                .toList();
        if (allowed.isEmpty()) {
            refuse(ctx, Socks5CommandStatus.FORBIDDEN);
        } else {
            Dialer.connect(ctx.channel().eventLoop(), allowed, port, Dialer.Manner.of(settings))
                    .addListener((Future<Channel> dialled) -> connected(ctx, dialled));
        }
    }

    private void connected(ChannelHandlerContext ctx, Future<Channel> dialled) {
        if (!dialled.isSuccess()) {
            refuse(ctx, status(dialled.cause()));
            return;
        }
        Channel origin = dialled.getNow();
        Channel stream = ctx.channel();
        if (!stream.isActive()) {
            origin.close();
            return;
        }
        ctx.writeAndFlush(new DefaultSocks5CommandResponse(Socks5CommandStatus.SUCCESS, Socks5AddressType.IPv4));
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            origin.write(bytes);
        }
        origin.flush();
        ctx.pipeline().replace(ctx.name(), null, new ByteRelay(origin));
        origin.pipeline().addLast(new ByteRelay(stream));
        stream.pipeline().remove(Socks5CommandRequestDecoder.class);
        stream.pipeline().remove(Socks5ServerEncoder.class);
        stream.read();
        origin.read();
    }

    private static Socks5CommandStatus status(Throwable cause) {
        return cause instanceof NoRouteToHostException
                ? Socks5CommandStatus.NETWORK_UNREACHABLE
                : cause instanceof ConnectTimeoutException
                        ? Socks5CommandStatus.HOST_UNREACHABLE
                        : Socks5CommandStatus.CONNECTION_REFUSED;
    }

    private static void refuse(ChannelHandlerContext ctx, Socks5CommandStatus status) {
        ctx.writeAndFlush(new DefaultSocks5CommandResponse(status, Socks5AddressType.IPv4))
                .addListener(sent -> ctx.close());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
