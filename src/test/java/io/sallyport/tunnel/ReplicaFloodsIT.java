package io.sallyport.tunnel;

import static io.sallyport.testkit.RawHttp2.framed;
import static io.sallyport.testkit.RawHttp2.repeated;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.token.EnvelopeKeyWrapper;
import io.sallyport.token.MasterKey;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What somebody can do to a replica who holds the genuine certificate of another one (boundary B7 of the threat model),
 * while an honest replica's requests are answered.
 */
class ReplicaFloodsIT extends OneWorld {
    /** Why links were ended: their last words may be lost, since a closed socket forgets them when something is unread. */
    private static final BlockingQueue<Http2Error> ENDS = new LinkedBlockingQueue<>();

    private static final int REFUSED = (int) Http2Error.REFUSED_STREAM.code();

    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private static TestPostgres postgres;
    private static SharedAuthority authority;
    private static Channel listener;

    private final Claim claim = world.tunnel();
    private TestConnector connector;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
        InstantSource clock = InstantSource.system();
        authority = SharedAuthority.readOrCreate(
                SharedAuthority.Purpose.REPLICAS,
                JdbcClient.create(postgres.dataSource()),
                new EnvelopeKeyWrapper(MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]))),
                clock);
        ReplicaEntrance entrance = new ReplicaEntrance(
                new ReplicaTls(authority, UUID.randomUUID(), clock),
                world.directory,
                new Links(),
                new LongAdder(),
                new Newcomers(TunnelRoom.MOST_LINKS));
        listener = new ServerBootstrap()
                .group(LOOPS)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(entrance);
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    /** Listens to how links end. */
    private static final class Links extends DefaultChannelGroup {
        Links() {
            super(GlobalEventExecutor.INSTANCE);
        }

        @Override
        public boolean add(Channel link) {
            link.pipeline().addBefore(link.pipeline().lastContext().name(), null, new ChannelInboundHandlerAdapter() {
                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    if (cause instanceof Http2Exception failure) {
                        ENDS.add(failure.error());
                    }
                    ctx.fireExceptionCaught(cause);
                }
            });
            return super.add(link);
        }
    }

    private static void assertThatTheLinkEnds(String what, Http2Error why) throws InterruptedException {
        assertThat(ENDS.poll(30, TimeUnit.SECONDS)).as(what).isEqualTo(why);
    }

    @AfterAll
    static void stop() {
        listener.close().syncUninterruptibly();
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        postgres.close();
    }

    @BeforeEach
    void aConnector() {
        ENDS.clear();
        connector = world.dial(TunnelProtocol.HTTP2, claim).registered();
        connector.answering(request -> {
            if (request.path.equals("/ok")) {
                request.answer(200, "ok");
            }
        });
    }

    @AfterEach
    void anHonestReplicaIsServedAndNothingIsLeftOver() throws Exception {
        try (RawHttp2 honest = replica()) {
            assertThat(honest.request(1, true, fields("/ok")).outcome(1)).isInstanceOf(RawHttp2.Outcome.Answered.class);
        }
        await("streams left over").until(() -> world.only(claim).outstanding() == 0);
        assertThat(connector.closed()).isNotDone();
    }

    /** Somebody with a certificate that is as good as any replica's. */
    private static RawHttp2 replica() throws Exception {
        return RawHttp2.over(HeldCertificate.fresh(authority)
                .getSocketFactory()
                .createSocket(
                        InetAddress.getLoopbackAddress(), ((InetSocketAddress) listener.localAddress()).getPort()));
    }

    private String[] fields(String path) {
        return new String[] {
            ":method",
            "GET",
            ":scheme",
            "http",
            ":authority",
            "wiki.localhost",
            ":path",
            path,
            ForwardedCodec.TUNNEL,
            claim.tunnel().toString()
        };
    }

    private byte[] head(int stream, boolean end, String path) {
        return framed(
                RawHttp2.HEADERS,
                RawHttp2.END_HEADERS | (end ? RawHttp2.END_STREAM : 0),
                stream,
                RawHttp2.block(List.of(fields(path))));
    }

    static Stream<Arguments> frames() {
        return Stream.of(
                Arguments.of("settings", RawHttp2.SETTINGS, 0, new byte[0], 2_000),
                Arguments.of("pings", RawHttp2.PING, 0, new byte[8], 2_000),
                Arguments.of("priorities", RawHttp2.PRIORITY, 1, new byte[5], 2_000),
                Arguments.of("frames of no known type", 0x77, 0, new byte[8], 2_000),
                Arguments.of("very little credit", RawHttp2.WINDOW_UPDATE, 0, new byte[] {0, 0, 0, 1}, 20_000));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frames")
    void b7FramesThatCarryNothingEndTheLink(String what, int type, int stream, byte[] payload, int times)
            throws Exception {
        try (RawHttp2 replica = replica()) {
            replica.bytes(repeated(framed(type, 0, stream, payload), times));
            assertThatTheLinkEnds(what, Http2Error.ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void b7FramesForRequestsThatAreOverEndTheLink() throws Exception {
        try (RawHttp2 replica = replica()) {
            replica.request(1, true, fields("/ok")).outcome(1);
            byte[] late = framed(RawHttp2.RST_STREAM, 0, 1, new byte[4]);
            replica.bytes(repeated(late, 8 * TunnelConnection.MOST_STREAMS));
            assertThatTheLinkEnds("late frames", Http2Error.ENHANCE_YOUR_CALM);
        }
    }

    /** Visitors who leave are no flood; that nothing is left over of what they asked is looked at after each test. */
    @Test
    void requestsGivenUpAsSoonAsTheyBeganAreBorne() throws Exception {
        int many = 3 * TunnelConnection.MOST_STREAMS;
        try (RawHttp2 replica = replica()) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < many; i++) {
                all.writeBytes(head(2 * i + 1, true, "/hangs"));
                all.writeBytes(framed(RawHttp2.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}));
            }
            replica.bytes(all.toByteArray());
            // The tunnel ends its streams a little later, and until then may take no more.
            AtomicInteger next = new AtomicInteger(2 * many + 1);
            await().until(() -> {
                int stream = next.getAndAdd(2);
                return replica.request(stream, true, fields("/ok")).outcome(stream)
                        instanceof RawHttp2.Outcome.Answered;
            });
        }
    }

    @Test
    void b7MoreRequestsAtOnceThanALinkMayCarryAreRefusedOneByOne() throws Exception {
        int more = 50;
        try (RawHttp2 replica = replica()) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < TunnelConnection.MOST_STREAMS + more; i++) {
                all.writeBytes(head(2 * i + 1, true, "/hangs"));
            }
            Thread.ofVirtual().start(() -> replica.bytes(all.toByteArray()));
            Map<Integer, Integer> refused = new HashMap<>();
            while (refused.size() < more) {
                RawHttp2.Frame frame = replica.next();
                assertThat(frame).as("the link stays").isNotNull();
                if (frame.type() == RawHttp2.RST_STREAM) {
                    refused.put(frame.stream(), frame.code());
                }
            }
            assertThat(refused.values()).containsOnly(REFUSED);
            assertThat(world.only(claim).outstanding()).isLessThanOrEqualTo(TunnelConnection.MOST_STREAMS);
        }
        // The end of a link ends its requests on other threads.
        await("room for others").until(() -> world.only(claim).outstanding() < TunnelConnection.MOST_STREAMS);
    }

    @Test
    void b7AHeadWithoutEndEndsTheLink() throws Exception {
        try (RawHttp2 replica = replica()) {
            replica.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.block(List.of(fields("/ok"))));
            byte[] more = RawHttp2.block(List.of("x-more", "m".repeat(16_000)));
            for (int i = 0; i < 400; i++) {
                replica.frame(RawHttp2.CONTINUATION, 0, 1, more);
            }
            assertThatTheLinkEnds("a head without end", Http2Error.PROTOCOL_ERROR);
        }
    }
}
