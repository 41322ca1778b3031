package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.tunnel.wire.RpcMessage.Outcome;
import io.sallyport.tunnel.wire.RpcMessage.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Messages of the tunnel's protocol in bytes, read and written. */
class WireVectorsTest {
    private static final UUID TUNNEL = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final UUID CLIENT = UUID.fromString("cafebabe-0000-4000-8000-000000000001");
    private static final byte[] SECRET =
            HexFormat.of().parseHex("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
    private static final byte[] RULES =
            "{\"ingress\":[{\"service\":\"http_status:404\"}]}".getBytes(StandardCharsets.UTF_8);
    private static final List<String> FEATURES = List.of(
            "allow_remote_config", "serialized_headers", "support_datagram_v2", "support_quic_eof", "management_logs");

    private static ControlCall.Register registration() {
        return new ControlCall.Register(
                new TunnelAuth("acct-1", new TunnelSecret(SECRET)),
                TUNNEL,
                0,
                new ConnectionOptions(
                        CLIENT,
                        FEATURES,
                        "2026.8.2",
                        "linux_amd64",
                        HexFormat.of().parseHex("00000000000000000000ffff7f000001"),
                        false,
                        0,
                        0));
    }

    @Test
    void bootstrapIsReadAndWrittenToTheByte() {
        assertThat(Vectors.rpc(Vectors.BOOTSTRAP)).isEqualTo(new RpcMessage.Bootstrap(0));
        assertThat(Vectors.hex(RpcCodec.bootstrap(0))).isEqualTo(Vectors.plain(Vectors.BOOTSTRAP));
    }

    @Test
    void bootstrapReturnCarriesOneCapability() {
        RpcMessage.Return answer = (RpcMessage.Return) Vectors.rpc(Vectors.BOOTSTRAP_RETURN);
        assertThat(answer.answer()).isZero();
        assertThat(((Outcome.Results) answer.outcome()).exports()).containsExactly(0);
        assertThat(Vectors.hex(RpcCodec.capability(0, 0))).isEqualTo(Vectors.plain(Vectors.BOOTSTRAP_RETURN));
    }

    @Test
    void registrationIsRead() {
        RpcMessage.Call call = (RpcMessage.Call) Vectors.rpc(Vectors.REGISTER);
        assertThat(call.question()).isEqualTo(1);
        assertThat(call.target()).isEqualTo(new Target.Answer(0));
        ControlCall.Register register =
                (ControlCall.Register) ControlCall.read(call.interfaceId(), call.method(), call.params());
        assertThat(register.auth()).isEqualTo(registration().auth());
        assertThat(register.tunnelId()).isEqualTo(TUNNEL);
        assertThat(register.connIndex()).isZero();
        assertThat(register.options())
                .usingRecursiveComparison()
                .isEqualTo(registration().options());
    }

    @Test
    void registrationIsWrittenSoThatItReadsTheSame() {
        ByteBuf message = RpcCodec.call(
                1,
                new Target.Answer(0),
                ControlCall.INTERFACE,
                0,
                registration().params());
        assertThat(message.getIntLE(0)).as("segments minus one").isZero();
        RpcMessage.Call call = (RpcMessage.Call) RpcCodec.read(Vectors.root(message));
        ControlCall.Register register =
                (ControlCall.Register) ControlCall.read(call.interfaceId(), call.method(), call.params());
        assertThat(register).usingRecursiveComparison().isEqualTo(registration());
    }

    @Test
    void successfulRegistrationIsReadAndWritten() {
        RegistrationResult.Registered expected = new RegistrationResult.Registered(
                UUID.fromString("0f0e0d0c-0b0a-4908-8706-050403020100"), "LOCAL", true);
        assertThat(result(Vectors.buffer(Vectors.REGISTERED))).isEqualTo(expected);
        assertThat(result(RpcCodec.results(1, expected.results()))).isEqualTo(expected);
    }

    @Test
    void refusedRegistrationIsReadAndWritten() {
        RegistrationResult.Refused expected =
                new RegistrationResult.Refused("Unauthorized: Invalid tunnel secret", Duration.ofSeconds(5), true);
        assertThat(result(Vectors.buffer(Vectors.REFUSED))).isEqualTo(expected);
        assertThat(result(RpcCodec.results(1, expected.results()))).isEqualTo(expected);
        assertThat(Vectors.hex(RpcCodec.results(1, expected.results())))
                .as("the capability table of ours is absent, otherwise to the byte")
                .hasSize(Vectors.plain(Vectors.REFUSED).length());
    }

    @Test
    void finishIsReadAndWrittenToTheByte() {
        assertThat(Vectors.rpc(Vectors.FINISH)).isEqualTo(new RpcMessage.Finish(0));
        assertThat(Vectors.hex(RpcCodec.finish(0))).isEqualTo(Vectors.plain(Vectors.FINISH));
    }

    @Test
    void unregistrationIsReadAndWritten() {
        RpcMessage.Call call = (RpcMessage.Call) Vectors.rpc(Vectors.UNREGISTER);
        assertThat(call.target()).isEqualTo(new Target.Exported(0));
        assertThat(ControlCall.read(call.interfaceId(), call.method(), call.params()))
                .isEqualTo(new ControlCall.Unregister());
        ByteBuf ours = RpcCodec.call(1, new Target.Exported(0), ControlCall.INTERFACE, 1, Body.EMPTY);
        assertThat(Vectors.hex(ours)).isEqualTo(Vectors.plain(Vectors.UNREGISTER));
    }

    @Test
    void emptyReturnIsReadAndWrittenToTheByte() {
        RpcMessage.Return answer = (RpcMessage.Return) Vectors.rpc(Vectors.EMPTY_RETURN);
        assertThat(answer.answer()).isEqualTo(1);
        assertThat(Vectors.hex(RpcCodec.results(1, Body.EMPTY))).isEqualTo(Vectors.plain(Vectors.EMPTY_RETURN));
    }

    @Test
    void quicRequestHeadIsReadAndWritten() {
        ConnectRequest expected = new ConnectRequest(
                "http://app.example.test/ok",
                ConnectionType.HTTP,
                List.of(
                        new Metadata(Metadata.METHOD, "GET"),
                        new Metadata(Metadata.HOST, "app.example.test"),
                        Metadata.header("Cf-Ray", "7d1-LOC")));
        ByteBuf head = Vectors.buffer(Vectors.CONNECT_REQUEST);
        assertThat(StreamSignature.read(head)).isEqualTo(Optional.of(StreamSignature.DATA));
        assertThat(ConnectRequest.read(Vectors.root(head))).isEqualTo(expected);
        assertThat(written(expected.write())).isEqualTo(Vectors.plain(Vectors.CONNECT_REQUEST));
    }

    @Test
    void quicResponseHeadIsReadAndWritten() {
        ConnectResponse expected = new ConnectResponse(
                "", List.of(new Metadata(Metadata.STATUS, "200"), Metadata.header("Content-Type", "text/plain")));
        ByteBuf head = Vectors.buffer(Vectors.CONNECT_RESPONSE);
        assertThat(StreamSignature.read(head)).isEqualTo(Optional.of(StreamSignature.DATA));
        assertThat(ConnectResponse.read(Vectors.root(head))).isEqualTo(expected);
        assertThat(written(expected.write())).isEqualTo(Vectors.plain(Vectors.CONNECT_RESPONSE));
    }

    @Test
    void configurationUpdateIsReadAndWritten() {
        RpcMessage.Call call = (RpcMessage.Call) Vectors.rpc(Vectors.UPDATE);
        assertThat(call.interfaceId()).isEqualTo(UpdateConfiguration.INTERFACE);
        UpdateConfiguration update = UpdateConfiguration.read(call.params());
        assertThat(update.version()).isEqualTo(7);
        assertThat(update.json()).isEqualTo(RULES);
        ByteBuf ours = RpcCodec.call(
                1, new Target.Answer(0), UpdateConfiguration.INTERFACE, 0, new UpdateConfiguration(7, RULES).params());
        assertThat(Vectors.hex(ours)).isEqualTo(Vectors.plain(Vectors.UPDATE));
    }

    @Test
    void configurationResultIsReadAndWritten() {
        UpdateConfiguration.Applied expected = new UpdateConfiguration.Applied(7, "");
        assertThat(applied(Vectors.buffer(Vectors.UPDATED))).isEqualTo(expected);
        assertThat(applied(RpcCodec.results(1, expected.results()))).isEqualTo(expected);
    }

    @Test
    void messagesAreReadInWhateverPiecesTheyArrive() {
        byte[] bytes = Vectors.bytes(Vectors.REGISTER);
        for (int piece = 1; piece < 64; piece++) {
            MessageFramer framer = new MessageFramer(64 * 1024);
            StructIn root = null;
            for (int at = 0; at < bytes.length; at += piece) {
                assertThat(root).isNull();
                root = framer.next(Unpooled.wrappedBuffer(bytes, at, Math.min(piece, bytes.length - at)));
            }
            assertThat(root).isNotNull();
            assertThat(RpcCodec.read(root)).isInstanceOf(RpcMessage.Call.class);
            assertThat(framer.next(Unpooled.wrappedBuffer(bytes)))
                    .as("nothing was left of it in front of the next")
                    .isNotNull();
        }
    }

    @Test
    void whatFollowsAMessageIsLeftForTheBody() {
        ByteBuf stream = Unpooled.wrappedBuffer(
                Vectors.bytes(Vectors.CONNECT_RESPONSE), "body".getBytes(StandardCharsets.US_ASCII));
        StreamSignature.read(stream);
        Vectors.root(stream);
        assertThat(stream.toString(StandardCharsets.US_ASCII)).isEqualTo("body");
    }

    @Test
    void requestKindsAreToldApartInTheirOrder() {
        assertThat(RequestKind.of("update-configuration", "1.2.3.4")).isEqualTo(RequestKind.CONFIGURATION);
        assertThat(RequestKind.of("websocket", "1.2.3.4")).isEqualTo(RequestKind.WEBSOCKET);
        assertThat(RequestKind.of("control-stream", "1.2.3.4")).isEqualTo(RequestKind.TCP);
        assertThat(RequestKind.of("control-stream", null)).isEqualTo(RequestKind.CONTROL);
        assertThat(RequestKind.of("Control-Stream", "")).isEqualTo(RequestKind.HTTP);
        assertThat(RequestKind.of(null, null)).isEqualTo(RequestKind.HTTP);
    }

    private static RegistrationResult result(ByteBuf message) {
        RpcMessage.Return answer = (RpcMessage.Return) RpcCodec.read(Vectors.root(message));
        assertThat(answer.answer()).isEqualTo(1);
        return RegistrationResult.read(((Outcome.Results) answer.outcome()).content());
    }

    private static UpdateConfiguration.Applied applied(ByteBuf message) {
        RpcMessage.Return answer = (RpcMessage.Return) RpcCodec.read(Vectors.root(message));
        return UpdateConfiguration.Applied.read(((Outcome.Results) answer.outcome()).content());
    }

    private static String written(ByteBuf message) {
        ByteBuf stream = Unpooled.buffer();
        StreamSignature.DATA.write(stream);
        return Vectors.hex(stream.writeBytes(message));
    }
}
