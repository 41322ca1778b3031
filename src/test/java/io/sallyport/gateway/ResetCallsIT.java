package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.sallyport.connector.Connector;
import io.sallyport.connector.Protocol;
import io.sallyport.identity.TunnelId;
import io.sallyport.snapshot.Upstream;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.TestAuthority;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** An origin that resets a call of gRPC in the middle: the code of the reset is the call's status, so visitors must get it. */
class ResetCallsIT {
    private static final TestAuthority AUTHORITY = new TestAuthority("Test CA");
    private static final List<Connector> CONNECTORS = new ArrayList<>();
    private static final BlockingQueue<Channel> CALLS = new LinkedBlockingQueue<>();

    private static TunnelledEdge gate;
    private static DisposableServer origin;

    @BeforeAll
    static void start(@TempDir Path files) {
        TestAuthority.Issued shown = AUTHORITY.issue("127.0.0.1");
        origin = HttpServer.create()
                .host("127.0.0.1")
                .protocol(HttpProtocol.H2)
                .secure(spec -> spec.sslContext(
                        Http2SslContextSpec.forServer(shown.keys().getPrivate(), shown.certificate())))
                .handle(ResetCallsIT::begin)
                .bindNow();
        gate = TunnelledEdge.start(files);
        TunnelId http2 = new TunnelId(UUID.randomUUID());
        TunnelId quic = new TunnelId(UUID.randomUUID());
        URI service = URI.create("https://127.0.0.1:" + origin.port());
        gate.edge
                .application("direct.localhost", Edge.bypass())
                .origin(
                        "direct.localhost",
                        new Upstream.Direct(service, null, Duration.ofSeconds(2), false, null, AUTHORITY.pem(), true));
        gate.grant(http2)
                .grant(quic)
                .host("http2.localhost", http2)
                .host("quic.localhost", quic)
                .publish();
        String rules = "ingress: [{service: '" + service + "', originRequest: {noTLSVerify: true, http2Origin: true}}]";
        CONNECTORS.add(gate.connect(http2, Protocol.HTTP2, 1, rules));
        CONNECTORS.add(gate.connect(quic, Protocol.QUIC, 1, rules));
    }

    @AfterAll
    static void stop() {
        CONNECTORS.forEach(each -> each.stop(Duration.ZERO).join());
        gate.close();
        origin.disposeNow();
    }

    private static Mono<Void> begin(HttpServerRequest request, HttpServerResponse response) {
        return response.header("content-type", "application/grpc")
                .send(
                        Flux.concat(Mono.just(Unpooled.copiedBuffer("begun", StandardCharsets.US_ASCII)), Mono.never())
                                .doOnSubscribe(begun -> request.withConnection(call -> CALLS.add(call.channel()))),
                        piece -> true)
                .then();
    }

    @ParameterizedTest
    @CsvSource({
        "direct, CANCEL, CANCEL",
        "direct, ENHANCE_YOUR_CALM, ENHANCE_YOUR_CALM",
        "direct, FLOW_CONTROL_ERROR, INTERNAL_ERROR",
        "http2, CANCEL, CANCEL",
        "http2, REFUSED_STREAM, REFUSED_STREAM",
        "http2, ENHANCE_YOUR_CALM, ENHANCE_YOUR_CALM",
        "http2, INTERNAL_ERROR, INTERNAL_ERROR",
        "http2, HTTP_1_1_REQUIRED, INTERNAL_ERROR",
        "quic, CANCEL, CANCEL",
        "quic, REFUSED_STREAM, REFUSED_STREAM",
        "quic, ENHANCE_YOUR_CALM, ENHANCE_YOUR_CALM",
        "quic, INTERNAL_ERROR, INTERNAL_ERROR",
        "quic, HTTP_1_1_REQUIRED, INTERNAL_ERROR"
    })
    void theCodeOfAResetComesThrough(String way, Http2Error code, Http2Error seen) throws InterruptedException {
        try (RawHttp2 visitor = RawHttp2.connect(gate.edge.port())) {
            visitor.request(
                    1,
                    false,
                    ":method",
                    "POST",
                    ":scheme",
                    "http",
                    ":authority",
                    way + ".localhost",
                    ":path",
                    "/pkg.Service/Method",
                    "content-type",
                    "application/grpc",
                    "te",
                    "trailers");
            awaitFrame(visitor, RawHttp2.DATA);
            Channel call = CALLS.poll(20, TimeUnit.SECONDS);
            assertThat(call).isNotNull();
            call.writeAndFlush(new DefaultHttp2ResetFrame(code));
            assertThat(awaitFrame(visitor, RawHttp2.RST_STREAM).code()).isEqualTo((int) seen.code());
        }
    }

    private static RawHttp2.Frame awaitFrame(RawHttp2 visitor, int type) {
        RawHttp2.Frame frame = visitor.next();
        while (frame != null && frame.type() != type) {
            frame = visitor.next();
        }
        assertThat(frame).isNotNull();
        return frame;
    }
}
