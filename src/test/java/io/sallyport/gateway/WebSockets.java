package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.Cidr;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.Selector;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Threats WS: handshakes are decided like requests, and what is open ends when the decision would. The classes that run it differ in
 * the listener.
 */
abstract class WebSockets {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static Door door;
    private static Edge edge;
    private static RecordingOrigin origin;

    static void open(Door opened) {
        origin = RecordingOrigin.start();
        door = opened;
        edge = opened.edge().origin("chat.localhost", origin);
    }

    @BeforeEach
    void world() {
        origin.drain();
        origin.answer(request -> request.target().equals("/ws"), WebSockets::echo);
        edge.application("chat.localhost", Edge.staff()).publish();
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    /** Accepts the first subprotocol and any extension, then echoes bytes: frames of the client come back masked, as sent. */
    private static boolean echo(RecordingOrigin.Recorded request, InputStream in, OutputStream out) throws IOException {
        String extensions = request.only("sec-websocket-extensions");
        String protocol = request.only("sec-websocket-protocol");
        out.write(
                ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                                + accept(String.valueOf(request.only("sec-websocket-key"))) + "\r\n"
                                + (protocol == null
                                        ? ""
                                        : "Sec-WebSocket-Protocol: " + protocol.split(",")[0].strip() + "\r\n")
                                + (extensions == null ? "" : "Sec-WebSocket-Extensions: permessage-deflate\r\n")
                                + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        while (true) {
            int first = in.read();
            if (first < 0) {
                return false;
            }
            int length = in.read() & 0x7f;
            int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
            long size = length;
            if (extended > 0) {
                size = 0;
                for (int i = 0; i < extended; i++) {
                    size = (size << 8) | in.read();
                }
            }
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes((int) size);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            out.write(frame(first, payload, false));
            out.flush();
            if ((first & 0x0f) == 8) {
                return false;
            }
        }
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                    .getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] frame(int first, byte[] payload, boolean masked) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        int bit = masked ? 0x80 : 0;
        if (payload.length < 126) {
            frame.write(bit | payload.length);
        } else if (payload.length < 65536) {
            frame.write(bit | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(bit | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        if (masked) {
            frame.writeBytes(new byte[] {1, 2, 3, 4});
            for (int i = 0; i < payload.length; i++) {
                frame.write(payload[i] ^ (i % 4 + 1));
            }
        } else {
            frame.writeBytes(payload);
        }
        return frame.toByteArray();
    }

    /** As an origin does that lets a socket in to tell it why it may not stay. */
    @Test
    void whatAnOriginSaysBeforeItClosesAtOnceArrivesWhole() {
        byte[] told = frame(0x88, new byte[] {0x0f, (byte) 0xa1}, false);
        origin.answer(request -> request.target().equals("/ws"), (request, in, out) -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + accept(String.valueOf(request.only("sec-websocket-key")))
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            all.writeBytes(told);
            out.write(all.toByteArray());
            out.flush();
            return false;
        });
        edge.application("chat.localhost", Edge.bypass()).publish();
        for (int i = 0; i < 40; i++) {
            try (RawHttp visitor = handshake("")) {
                assertThat(visitor.head().status()).isEqualTo(101);
                assertThat(visitor.readToEnd()).as("time " + i).isEqualTo(told);
            }
        }
    }

    private RawHttp handshake(String fields) {
        return door.connect()
                .get()
                .send("GET /ws HTTP/1.1\r\nHost: chat.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n" + fields + "\r\n");
    }

    private String session() {
        return "Cookie: CF_Authorization=" + edge.signIn("chat.localhost", "alice@example.com") + "\r\n";
    }

    private static void assertEcho(RawHttp http, int first, byte[] payload) {
        http.send(frame(first, payload, true));
        byte[] expected = frame(first, payload, false);
        assertThat(http.read(expected.length)).isEqualTo(expected);
    }

    @Test
    void framesOfAnyKindPassWithSubprotocolAndExtensions() {
        try (RawHttp http = handshake(session()
                + "Sec-WebSocket-Protocol: chat.v2, chat.v1\r\nSec-WebSocket-Extensions: permessage-deflate\r\n")) {
            RawHttp.Response answer = http.response();
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.all("sec-websocket-accept")).containsExactly(accept(KEY));
            assertThat(answer.all("sec-websocket-protocol")).containsExactly("chat.v2");
            assertThat(answer.all("sec-websocket-extensions")).containsExactly("permessage-deflate");
            byte[] big = new byte[1 << 20];
            Arrays.fill(big, (byte) 'x');
            assertEcho(http, 0x81, "hello".getBytes(StandardCharsets.UTF_8));
            assertEcho(http, 0xc1, "compressed".getBytes(StandardCharsets.UTF_8));
            assertEcho(http, 0x89, "ping".getBytes(StandardCharsets.UTF_8));
            assertEcho(http, 0x82, big);
            assertEcho(http, 0x88, new byte[] {(byte) (4001 >> 8), (byte) 4001});
            assertThat(http.isClosedByPeer()).isTrue();
        }
        RecordingOrigin.Recorded got = origin.take();
        assertThat(got.only("Cf-Access-Jwt-Assertion")).isNotNull();
        assertThat(got.only("upgrade")).isEqualTo("websocket");
    }

    /** The first frame comes as soon as the visitor sees the 101, while the gate is still taking the connection over. */
    @Test
    void framesRightBehindTheSwitchOfProtocolsAreNotLost() throws Exception {
        edge.application("chat.localhost", Edge.bypass()).publish();
        try (var crowd = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                all.add(crowd.submit(() -> {
                    try (RawHttp http = handshake("")) {
                        assertThat(http.response().status()).isEqualTo(101);
                        assertEcho(http, 0x81, "at once".getBytes(StandardCharsets.UTF_8));
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    @Test
    void rp19_theOriginsRefusalReachesTheVisitorInsteadOf101() {
        origin.answerRaw("/ws", "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope");
        try (RawHttp http = handshake(session())) {
            RawHttp.Response answer = http.response();
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.text()).isEqualTo("nope");
        }
    }

    @Test
    void rp19_anAnswerWithoutAValidAcceptanceIs502() {
        origin.answerRaw(
                "/ws",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
        try (RawHttp http = handshake(session())) {
            assertThat(http.response().status()).isEqualTo(502);
        }
    }

    @Test
    void rp14_anAnswerToAHandshakeIsHeldToTheSameRulesAsAnyOther() {
        for (String malformed : List.of(
                "HTTP/1.1 403 Forbidden\r\nX-Odd: a\u0001b\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + accept(KEY) + "\r\nX-Odd: a\u0001b\r\n\r\n",
                "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n")) {
            origin.answerRaw("/ws", malformed);
            try (RawHttp http = handshake(session())) {
                assertThat(http.response().status()).as(malformed).isEqualTo(502);
            }
        }
    }

    @Test
    void ws01_handshakesAreDecidedLikeRequests() {
        try (RawHttp http = handshake("Origin: " + door.scheme() + "://chat.localhost\r\n")) {
            assertThat(http.response().status()).isEqualTo(401);
        }
        try (RawHttp http = handshake("")) {
            assertThat(http.response().status())
                    .as("no browser but a command line, which signs in")
                    .isEqualTo(302);
        }
        for (String foreign : new String[] {
            "https://evil.example", "null", "http://chat.localhost.evil", door.scheme() + "://x.localhost"
        }) {
            try (RawHttp http = handshake(session() + "Origin: " + foreign + "\r\n")) {
                assertThat(http.response().status()).as(foreign).isEqualTo(403);
            }
        }
        try (RawHttp http = handshake(session() + "Origin: " + door.scheme() + "://chat.localhost\r\n")) {
            assertThat(http.response().status()).isEqualTo(101);
        }
    }

    @Test
    void ws02_aPolicyChangeClosesOpenWebSocketsWith1008() {
        try (RawHttp http = handshake(session())) {
            assertThat(http.response().status()).isEqualTo(101);
            assertEcho(http, 0x81, "still here".getBytes(StandardCharsets.UTF_8));
            edge.application("chat.localhost", Edge.policy(PolicyAction.DENY, new Selector.Everyone()))
                    .publish();
            assertThat(http.read(4)).isEqualTo(new byte[] {(byte) 0x88, 2, (byte) (1008 >> 8), (byte) 1008});
            assertThat(http.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void ws02_aChangeThatStillAdmitsDisturbsNobody() {
        try (RawHttp http = handshake(session())) {
            assertThat(http.response().status()).isEqualTo(101);
            edge.application("chat.localhost", Edge.policy(PolicyAction.ALLOW, new Selector.Everyone()))
                    .publish();
            assertEcho(http, 0x81, "still here".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void ws02_whoseSessionIsRevokedIsCutOffEvenWhereTheirAddressAloneWouldBeLetIn() {
        edge.application("chat.localhost", fromHere()).publish();
        for (String credential : List.of(session(), robot())) {
            try (RawHttp http = handshake(credential)) {
                assertThat(http.response().status()).isEqualTo(101);
                assertEcho(http, 0x81, "still here".getBytes(StandardCharsets.UTF_8));
                edge.revokeEverybody().publish();
                assertThat(http.read(4)).isEqualTo(new byte[] {(byte) 0x88, 2, (byte) (1008 >> 8), (byte) 1008});
            } finally {
                edge.revokeNobody().publish();
            }
        }
    }

    @Test
    void ws02_whoNamedNobodyGoesOnAsNobody() {
        edge.application("chat.localhost", fromHere()).publish();
        try (RawHttp http = handshake("")) {
            assertThat(http.response().status()).isEqualTo(101);
            edge.revokeEverybody().publish();
            assertEcho(http, 0x81, "still here".getBytes(StandardCharsets.UTF_8));
        } finally {
            edge.revokeNobody().publish();
        }
    }

    private static CompiledPolicy fromHere() {
        return Edge.policy(PolicyAction.NON_IDENTITY, new Selector.Ip(Cidr.parse("127.0.0.0/8")));
    }

    private static String robot() {
        return "CF-Access-Client-Id: " + Edge.CLIENT_ID + "\r\nCF-Access-Client-Secret: " + Edge.SECRET + "\r\n";
    }

    @Test
    void ws02_expiryClosesAnEventStream() {
        origin.answer(request -> request.target().equals("/events"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            in.read();
            return false;
        });
        String token = edge.signIn("chat.localhost", "alice@example.com", Duration.ofSeconds(4));
        try (RawHttp http = door.connect()
                .get()
                .send("GET /events HTTP/1.1\r\nHost: chat.localhost\r\nCookie: CF_Authorization=" + token
                        + "\r\n\r\n")) {
            assertThat(http.head().status()).isEqualTo(200);
            assertThat(new String(http.readToEnd(), StandardCharsets.US_ASCII))
                    .contains("data: 1")
                    .doesNotEndWith("0\r\n\r\n");
        }
    }

    @Test
    void ws02_aRevokedSessionsDownloadIsCutOff() {
        origin.answer(request -> request.target().equals("/large"), (request, in, out) -> {
            out.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 100000000\r\n\r\nbegin"
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            in.read();
            return false;
        });
        String token = edge.signIn("chat.localhost", "alice@example.com", Duration.ofHours(1));
        try (RawHttp http = door.connect()
                .get()
                .send("GET /large HTTP/1.1\r\nHost: chat.localhost\r\nCookie: CF_Authorization=" + token
                        + "\r\n\r\n")) {
            assertThat(http.head().status()).isEqualTo(200);
            assertThat(http.read(5)).isEqualTo("begin".getBytes(StandardCharsets.US_ASCII));
            edge.revokeEverybody().publish();
            assertThat(http.readToEnd()).as("and no more").isEmpty();
        } finally {
            edge.revokeNobody().publish();
        }
    }

    @Test
    void ws03_drainClosesWith1001() {
        try (RawHttp http = handshake(session())) {
            assertThat(http.response().status()).isEqualTo(101);
            LiveConnections live = edge.context().getBean(LiveConnections.class);
            live.stop();
            live.start();
            assertThat(http.read(4)).isEqualTo(new byte[] {(byte) 0x88, 2, (byte) (1001 >> 8), (byte) 1001});
        }
    }

    @Test
    void ws03_unmaskedClientFramesEndIn1002() {
        try (RawHttp http = handshake(session())) {
            assertThat(http.response().status()).isEqualTo(101);
            http.send(frame(0x81, "bare".getBytes(StandardCharsets.UTF_8), false));
            assertThat(http.read(4)).isEqualTo(new byte[] {(byte) 0x88, 2, (byte) (1002 >> 8), (byte) 1002});
        }
    }
}
