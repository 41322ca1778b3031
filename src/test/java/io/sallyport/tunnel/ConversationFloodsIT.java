package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.identity.TunnelId;
import io.sallyport.testkit.TestConnector;
import io.sallyport.testkit.TestConnector.Claim;
import io.sallyport.testkit.TestConnectorQuic;
import io.sallyport.tunnel.wire.Body;
import io.sallyport.tunnel.wire.ConnectionOptions;
import io.sallyport.tunnel.wire.ControlCall;
import io.sallyport.tunnel.wire.QuicStreamEnds;
import io.sallyport.tunnel.wire.RegistrationResult;
import io.sallyport.tunnel.wire.StreamSignature;
import io.sallyport.tunnel.wire.TunnelAuth;
import io.sallyport.tunnel.wire.TunnelSecret;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connectors that talk instead of working: on their control stream, and on streams beside it (TU-03, TU-07). */
class ConversationFloodsIT extends BesideANeighbour {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Claim claim = world.tunnel();

    private static ControlCall.Register registration(Claim claim) {
        return new ControlCall.Register(
                new TunnelAuth(claim.account(), new TunnelSecret(claim.secret())),
                claim.tunnel(),
                claim.index(),
                new ConnectionOptions(claim.client(), List.of(), "x", "x", new byte[0], false, 0, 0));
    }

    private static Claim wrong(Claim claim) {
        return new Claim(claim.account(), claim.tunnel(), new byte[32], claim.client(), claim.index());
    }

    @ParameterizedTest
    @EnumSource
    void tu03WhoWasRefusedDoesNotTryAgainOnTheSameConnection(TunnelProtocol protocol) {
        TestConnector connector = world.dial(protocol, wrong(claim));
        assertThat(connector.registration()).isInstanceOf(RegistrationResult.Refused.class);
        connector.call(registration(claim));
        assertThat(connector.closed()).succeedsWithin(SOON);
        assertThat(world.served).doesNotContain(new TunnelId(claim.tunnel()));
    }

    @ParameterizedTest
    @EnumSource
    void tu03SecretsAreNotGuessedByTheThousand(TunnelProtocol protocol) {
        ControlCall.Register guess = registration(wrong(claim));
        TestConnector connector = world.silent(protocol, claim);
        int before = world.refused.get();
        begun(connector)
                .writeAndFlush(Unpooled.wrappedBuffer(Questions.octets(
                        200, edge -> edge.call(ControlCall.INTERFACE, guess.method(), guess.params(), answer -> {}))));
        assertThat(connector.closed()).succeedsWithin(SOON);
        assertThat(world.refused.get() - before).isOne();
    }

    /** Its control stream, as soon as there is one. */
    private static Channel begun(TestConnector connector) {
        await().until(() -> connector.control() != null);
        return connector.control();
    }

    @ParameterizedTest
    @EnumSource
    void tu07WhoAsksOnAndOnIsDisconnected(TunnelProtocol protocol) {
        TestConnector connector = world.dial(protocol, claim).registered();
        TunnelConnection connection = world.only(claim);
        byte[] questions = Questions.octets(1_000, edge -> edge.call(1, 1, Body.EMPTY, answer -> {}));
        connector.control().pipeline().replace(connector.control().pipeline().last(), "deaf", new Deaf());
        connector.control().writeAndFlush(Unpooled.wrappedBuffer(questions));
        assertThat(connector.closed()).succeedsWithin(SOON);
        await().untilAsserted(
                        () -> assertThat(world.reasons.get(connection.id())).endsWith("too many messages"));
    }

    /** The edge begins that stream, so it has no other reason to doubt whoever answers there. */
    @Test
    void tu06WhoIsGivenRulesAndAsksOnAndOnInsteadIsNotAnswered() {
        world.grant(claim.tunnel(), claim.secret(), true, 1, "{\"ingress\":[]}");
        CompletableFuture<QuicStreamChannel> asked = new CompletableFuture<>();
        TestConnectorQuic connector = (TestConnectorQuic) world.dial(TunnelProtocol.QUIC, claim);
        connector.takingOver(asked::complete).registered();
        QuicStreamChannel stream = asked.join();
        Heard heard = new Heard();
        stream.pipeline().replace(stream.pipeline().last(), "heard", heard);
        byte[] questions = Questions.octets(1_000, edge -> edge.call(1, 1, Body.EMPTY, answer -> {}));
        for (int i = 0; i < 10; i++) {
            stream.writeAndFlush(Unpooled.wrappedBuffer(questions)).awaitUninterruptibly(1_000);
        }
        assertThat(heard.over).succeedsWithin(Duration.ofSeconds(10));
        assertThat(heard.octets).as("octets of answers").hasValueLessThan(questions.length);
    }

    @Test
    void tu07StreamsThatAreBegunAndBrokenOffAtOnceEndTheConnection() {
        TestConnectorQuic connector =
                (TestConnectorQuic) world.dial(TunnelProtocol.QUIC, claim).registered();
        TunnelConnection connection = world.only(claim);
        for (int i = 0; i < 500 && !connector.closed().isDone(); i++) {
            beginAndBreakOff(connector.connection());
        }
        await().untilAsserted(
                        () -> assertThat(world.reasons.get(connection.id())).endsWith("too many streams"));
    }

    /** Once there is room for one more. */
    private static void beginAndBreakOff(QuicChannel connection) {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> connection.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0 || !connection.isActive());
        connection
                .createStream(QuicStreamType.BIDIRECTIONAL, new Deaf())
                .addListener(begun -> {
                    if (begun.isSuccess()) {
                        QuicStreamChannel stream = (QuicStreamChannel) begun.getNow();
                        QuicStreamEnds.watch(stream);
                        ByteBuf signature = Unpooled.buffer(8);
                        StreamSignature.RPC.write(signature); // without a word there is nothing to break off
                        stream.writeAndFlush(signature).addListener(written -> {
                            stream.shutdown(0);
                            stream.close();
                        });
                    }
                })
                .awaitUninterruptibly(1_000);
    }

    /** Counts what it hears, to the end. */
    private static final class Heard extends ChannelInboundHandlerAdapter {
        private final AtomicLong octets = new AtomicLong();
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            octets.addAndGet(((ByteBuf) message).readableBytes());
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            over.complete(null);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                over.complete(null);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            over.complete(null);
        }
    }

    /** Hears nothing and minds nothing. */
    private static final class Deaf extends ChannelInboundHandlerAdapter {}
}
