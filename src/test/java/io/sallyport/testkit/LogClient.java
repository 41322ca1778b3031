package io.sallyport.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A reader of a connector's log: a WebSocket on a plain socket, so that any Host and any rudeness can be tried. */
public final class LogClient implements AutoCloseable {
    private static final long PATIENCE_NANOS = 20_000_000_000L;
    private static final String CLOSE = "close ";
    private static final String PONG = "pong";

    private final Socket socket;
    private final InputStream in;
    private final Deque<JsonNode> lines = new ArrayDeque<>();
    private @Nullable String end;

    private LogClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
    }

    /** Asks a gateway on loopback for a WebSocket and fails unless it gets one. */
    public static LogClient open(int port, String host, String target, String... headers) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
            LogClient client = new LogClient(socket);
            client.write(("GET " + target + " HTTP/1.1\r\nHost: " + host
                            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                            + String.join("", headers) + "\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            String head = client.head();
            if (!head.startsWith("HTTP/1.1 101")) {
                throw new AssertionError("no WebSocket: " + head);
            }
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Begins to read with these filters, written as JSON. Answers when the connector has heard of it, and sends lines or its end. */
    public LogClient start(String filters) {
        say("{\"type\":\"start_streaming\",\"filters\":" + filters + "}");
        send(0x9, "");
        String text = frame();
        while (!text.equals(PONG) && !text.startsWith(CLOSE)) {
            keep(text);
            text = frame();
        }
        end = text.startsWith(CLOSE) ? text : null;
        return this;
    }

    /** Sends one text. */
    public LogClient say(String text) {
        return send(0x1, text);
    }

    private LogClient send(int opcode, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[6 + payload.length];
        if (payload.length > 125) {
            throw new IllegalArgumentException("too long for this client");
        }
        frame[0] = (byte) (0x80 | opcode);
        frame[1] = (byte) (0x80 | payload.length);
        System.arraycopy(payload, 0, frame, 6, payload.length); // masked with zeros
        try {
            write(frame);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** The next line that fits; those before it are passed over. */
    public JsonNode line(Predicate<JsonNode> wanted) {
        long latest = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < latest) {
            JsonNode line = lines.poll();
            if (line == null) {
                String text = end == null ? frame() : end;
                if (text.startsWith(CLOSE)) {
                    throw new AssertionError("ended instead: " + text);
                }
                keep(text);
            } else if (wanted.test(line)) {
                return line;
            }
        }
        throw new AssertionError("no such line");
    }

    private void keep(String text) {
        if (text.startsWith("{")) {
            JsonMapper.shared().readTree(text).path("logs").forEach(lines::add);
        }
    }

    /** How the other side ended it: {@code CODE REASON}. */
    public String end() {
        String text = end == null ? frame() : end;
        while (!text.startsWith(CLOSE)) {
            text = frame();
        }
        return text.substring(CLOSE.length());
    }

    private String frame() {
        try {
            while (true) {
                int opcode = byteOf(in) & 0xf;
                int length = byteOf(in);
                if (length == 126) {
                    length = byteOf(in) << 8 | byteOf(in);
                } else if (length == 127) {
                    in.skipNBytes(4);
                    length = byteOf(in) << 24 | byteOf(in) << 16 | byteOf(in) << 8 | byteOf(in);
                }
                byte[] payload = in.readNBytes(length);
                if (opcode == 0x1) {
                    return new String(payload, StandardCharsets.UTF_8);
                }
                if (opcode == 0x9 || opcode == 0xa) {
                    return opcode == 0xa ? PONG : "ping";
                }
                if (opcode == 0x8) {
                    int code = (payload[0] & 0xff) << 8 | payload[1] & 0xff;
                    return (CLOSE + code + " " + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8))
                            .strip();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int byteOf(InputStream in) throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new IOException("the connection ended without a close frame");
        }
        return next;
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
