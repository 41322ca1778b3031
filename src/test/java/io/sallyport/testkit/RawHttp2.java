package io.sallyport.testkit;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 frames on a socket, byte by byte (RFC 9113), for what no client library would send. Header blocks are written as
 * literals without indexing, so a field may have any name, any value and any place.
 */
public final class RawHttp2 implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PUSH_PROMISE = 5;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    private static final int PATIENCE_MILLIS = 30_000;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder(false);
    private int lastTaken = Integer.MAX_VALUE;

    private RawHttp2(Socket socket) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /** One frame as it came. */
    @SuppressWarnings("ArrayRecordComponent") // looked at once, never compared
    public record Frame(int type, int flags, int stream, byte[] payload) {
        /** The error code of a reset or a GOAWAY. */
        public int code() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    /** How a stream ended. */
    public sealed interface Outcome {
        /** With an answer, and its trailers when it had any. */
        record Answered(int status, Map<String, String> fields, String body, Map<String, String> trailers)
                implements Outcome {}

        /** With a reset of this stream alone. */
        record Reset(int code) implements Outcome {}

        /** With the whole connection: a GOAWAY, or a bare close whose code is negative. */
        record ConnectionOver(int code) implements Outcome {}
    }

    /** Speaks HTTP/2 by prior knowledge to a plain loopback port: preface and empty settings are sent. */
    public static RawHttp2 connect(int port) {
        return open(port, false).preface();
    }

    /** The same over TLS, whoever the server says it is. */
    public static RawHttp2 secure(int port) {
        return open(port, true).preface();
    }

    /** The same over TLS, to that host, as the context says. */
    public static RawHttp2 secure(int port, SSLContext context, String serverName) {
        try {
            return new RawHttp2(tls(port, context, serverName)).preface();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A connection on which nothing was sent yet. */
    public static RawHttp2 open(int port, boolean tls) {
        try {
            return new RawHttp2(tls ? tls(port) : new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Speaks HTTP/2 by prior knowledge over a connection that somebody else has made. */
    public static RawHttp2 over(Socket connected) {
        try {
            return new RawHttp2(connected).preface();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket tls(int port) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, TrustEverybody.MANAGERS, new SecureRandom());
        return tls(port, context, null);
    }

    private static Socket tls(int port, SSLContext context, @Nullable String serverName) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        if (serverName != null) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        if (!socket.getApplicationProtocol().equals("h2")) {
            throw new AssertionError("no HTTP/2 here: " + socket.getApplicationProtocol());
        }
        return socket;
    }

    /** Sends the client's connection preface. */
    public RawHttp2 preface() {
        return bytes(PREFACE).frame(SETTINGS, 0, 0, new byte[0]);
    }

    /** Sends a frame. */
    public RawHttp2 frame(int type, int flags, int stream, byte[] payload) {
        return bytes(framed(type, flags, stream, payload));
    }

    /** The bytes of a frame, for sending many at once. */
    public static byte[] framed(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** The same bytes so many times. */
    public static byte[] repeated(byte[] frame, int times) {
        ByteBuffer all = ByteBuffer.allocate(frame.length * times);
        while (all.hasRemaining()) {
            all.put(frame);
        }
        return all.array();
    }

    /** Sends bytes as they are. A peer that has closed already is no failure here: the outcome says what happened. */
    public RawHttp2 bytes(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (IOException closedByPeer) {
            return this;
        }
        return this;
    }

    /** A request in one HEADERS frame: names and values by turns, in this order. */
    public RawHttp2 request(int stream, boolean end, String... fields) {
        return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(List.of(fields)));
    }

    /** A piece of a body. */
    public RawHttp2 data(int stream, boolean end, byte[] piece) {
        return frame(DATA, end ? END_STREAM : 0, stream, piece);
    }

    /** The fields of a plain GET. */
    public static String[] get(String host, String path) {
        return new String[] {":method", "GET", ":scheme", "http", ":authority", host, ":path", path};
    }

    /** A header block of literals without indexing (RFC 7541 §6.2.2). */
    public static byte[] block(List<String> fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.size(); i += 2) {
            block.write(0);
            string(block, fields.get(i));
            string(block, fields.get(i + 1));
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int left = bytes.length - 127;
            for (; left >= 128; left >>= 7) {
                block.write((left & 0x7f) | 0x80);
            }
            block.write(left);
        }
        block.writeBytes(bytes);
    }

    /** The last stream that the peer takes, as its GOAWAY said; any as long as none has come. */
    public int lastTaken() {
        return lastTaken;
    }

    /** The next frame, null when the peer closed. */
    public @Nullable Frame next() {
        try {
            int length = in.read();
            if (length < 0) {
                return null;
            }
            length = length << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt() & Integer.MAX_VALUE;
            byte[] payload = new byte[length];
            in.readFully(payload); // a frame that is cut off is the end of the connection, not a frame
            Frame frame = new Frame(type, flags, stream, payload);
            if (type == GOAWAY) {
                lastTaken = ByteBuffer.wrap(frame.payload()).getInt() & Integer.MAX_VALUE;
            }
            return frame;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the peer says nothing and does not close", e);
        } catch (IOException closed) {
            return null;
        }
    }

    /** Reads on, giving credit and acknowledging settings like any client, until this stream or the connection ends. */
    public Outcome outcome(int stream) {
        int status = 0;
        Map<String, String> fields = Map.of();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Frame frame = next(); frame != null; frame = next()) {
            if (frame.type() == GOAWAY && frame.code() != 0) {
                return new Outcome.ConnectionOver(frame.code());
            }
            if (frame.type() == SETTINGS && (frame.flags() & ACK) == 0) {
                frame(SETTINGS, ACK, 0, new byte[0]);
            }
            Map<String, String> block = frame.type() == HEADERS ? decode(frame) : Map.of();
            if (frame.stream() != stream) {
                continue;
            }
            Map<String, String> trailers = Map.of();
            switch (frame.type()) {
                case RST_STREAM -> {
                    return status == 0
                            ? new Outcome.Reset(frame.code())
                            : new Outcome.Answered(status, fields, body.toString(StandardCharsets.UTF_8), Map.of());
                }
                case HEADERS -> {
                    String code = block.get(":status");
                    if (code == null) {
                        trailers = block;
                    } else if (!code.startsWith("1")) {
                        status = Integer.parseInt(code);
                        fields = block;
                    }
                }
                case DATA -> {
                    body.writeBytes(frame.payload());
                    credit(0, frame.payload().length);
                    credit(stream, frame.payload().length);
                }
                default -> {}
            }
            if ((frame.type() == HEADERS || frame.type() == DATA) && (frame.flags() & END_STREAM) != 0) {
                return new Outcome.Answered(status, fields, body.toString(StandardCharsets.UTF_8), trailers);
            }
        }
        return new Outcome.ConnectionOver(-1);
    }

    /** Reads on until this many streams have ended: the status of each, 0 for one that was reset without an answer. */
    public Map<Integer, Integer> statuses(int streams) {
        Map<Integer, Integer> statuses = new LinkedHashMap<>();
        int ended = 0;
        while (ended < streams) {
            Frame frame = next();
            if (frame == null) {
                throw new AssertionError("the connection ended after " + ended + " of " + streams + " streams");
            }
            if (frame.type() == HEADERS && decode(frame).get(":status") instanceof String status) {
                statuses.put(frame.stream(), Integer.parseInt(status));
            }
            if (frame.type() == DATA) {
                credit(0, frame.payload().length);
            }
            if (frame.type() == RST_STREAM) {
                statuses.putIfAbsent(frame.stream(), 0);
            }
            boolean last = (frame.type() == HEADERS || frame.type() == DATA) && (frame.flags() & END_STREAM) != 0;
            ended += last || frame.type() == RST_STREAM ? 1 : 0;
        }
        return statuses;
    }

    /** How the connection ends, whatever its streams do: the code of the GOAWAY, -1 for a bare close. */
    public int end() {
        for (Frame frame = next(); frame != null; frame = next()) {
            if (frame.type() == GOAWAY && frame.code() != 0) {
                return frame.code();
            }
        }
        return -1;
    }

    private void credit(int stream, int bytes) {
        if (bytes > 0) {
            frame(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
        }
    }

    private Map<String, String> decode(Frame frame) {
        try {
            Http2Headers decoded = headers.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()));
            Map<String, String> fields = new LinkedHashMap<>();
            decoded.forEach(field -> fields.merge(
                    field.getKey().toString(), field.getValue().toString(), (one, two) -> one + ", " + two));
            return fields;
        } catch (Http2Exception e) {
            throw new AssertionError(
                    "the peer sent a header block that cannot be read, %d bytes on stream %d: %s"
                            .formatted(
                                    frame.payload().length,
                                    frame.stream(),
                                    HexFormat.of().formatHex(frame.payload())),
                    e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
