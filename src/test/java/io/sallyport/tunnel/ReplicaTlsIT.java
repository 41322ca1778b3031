package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.MasterKey;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who makes the keys of a replica: whoever starts it, and whoever renews them, but no event loop at a connection (DO-05). */
class ReplicaTlsIT {
    private static final UUID SELF = UUID.randomUUID();
    /** After which a key is old, and its certificate still counts. */
    private static final Duration WHILE = Duration.ofDays(11);

    private static TestPostgres postgres;
    private static SharedAuthority authority;
    private static EventLoopGroup loops;

    private final Set<Thread> makers = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Instant> now =
            new AtomicReference<>(InstantSource.system().instant().minus(WHILE));

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
        authority = SharedAuthority.readOrCreate(
                SharedAuthority.Purpose.REPLICAS,
                JdbcClient.create(postgres.dataSource()),
                new EnvelopeKeyWrapper(MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]))),
                InstantSource.system());
        loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }

    @AfterAll
    static void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        postgres.close();
    }

    @Test
    void keysAreMadeAtTheStartAndWhenTheyAreRenewedButNotAtAConnection() throws Exception {
        ReplicaTls tls = new ReplicaTls(authority, SELF, () -> {
            makers.add(Thread.currentThread()); // whoever makes a certificate asks for the time
            return now.get();
        });
        Certificate first = shownBy(tls);

        tls.renew();
        assertThat(shownBy(tls)).as("one that is not old").isEqualTo(first);
        now.updateAndGet(was -> was.plus(WHILE));
        assertThat(shownBy(tls)).as("as long as nobody renews").isEqualTo(first);
        tls.renew();
        assertThat(shownBy(tls)).as("an old one").isNotEqualTo(first);

        assertThat(makers).containsExactly(Thread.currentThread());
    }

    /** The certificate that both ends of a new connection show. */
    private static Certificate shownBy(ReplicaTls tls) throws Exception {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.accepting(channel.alloc()));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
        try {
            return shownAt(listener.localAddress(), tls);
        } finally {
            listener.close().syncUninterruptibly();
        }
    }

    private static Certificate shownAt(SocketAddress listener, ReplicaTls tls) throws Exception {
        Channel dialled = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.dialling(channel.alloc(), SELF));
                    }
                })
                .connect(listener)
                .syncUninterruptibly()
                .channel();
        try {
            SslHandler ours = dialled.pipeline().get(SslHandler.class);
            ours.handshakeFuture().syncUninterruptibly();
            Certificate shown = ours.engine().getSession().getLocalCertificates()[0];
            assertThat(ours.engine().getSession().getPeerCertificates()[0]).isEqualTo(shown);
            return shown;
        } finally {
            dialled.close().syncUninterruptibly();
        }
    }
}
