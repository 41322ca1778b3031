package io.sallyport.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/**
 * An origin that keeps every byte it was sent and reads it with a parser that forgives nothing. What the gate sends must be
 * exactly one unambiguous request for each that it admitted; anything else is in {@link #violations}.
 */
public final class RecordingOrigin implements AutoCloseable {
    /** A request as the strict parser read it. */
    public record Recorded(
            String method, String target, List<Map.Entry<String, String>> fields, byte[] body, String raw) {
        /** All values of a field, in order. */
        public List<String> all(String name) {
            return fields.stream()
                    .filter(field -> field.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .toList();
        }

        /** The only value of a field, null when there is none. */
        public @Nullable String only(String name) {
            List<String> values = all(name);
            if (values.size() > 1) {
                throw new AssertionError(name + " stands " + values.size() + " times: " + values);
            }
            return values.isEmpty() ? null : values.getFirst();
        }

        /** The body as text. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** Answers on the raw connection; returning false closes it. */
    @FunctionalInterface
    public interface Answer {
        /** Writes whatever the test wants the gate to get. */
        boolean write(Recorded request, InputStream in, OutputStream out) throws IOException;
    }

    private final ServerSocket server;
    private final BlockingQueue<Recorded> requests = new LinkedBlockingQueue<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final Map<Predicate<Recorded>, Answer> answers = Collections.synchronizedMap(new LinkedHashMap<>());

    private RecordingOrigin(ServerSocket server) {
        this.server = server;
    }

    /** Starts one on a free loopback port. */
    public static RecordingOrigin start() {
        try {
            RecordingOrigin origin = new RecordingOrigin(new ServerSocket(0, 500, InetAddress.getLoopbackAddress()));
            Thread.ofVirtual().start(origin::accept);
            return origin;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one that speaks TLS. */
    public static RecordingOrigin start(SSLContext tls) {
        try {
            RecordingOrigin origin = new RecordingOrigin(
                    tls.getServerSocketFactory().createServerSocket(0, 500, InetAddress.getLoopbackAddress()));
            Thread.ofVirtual().start(origin::accept);
            return origin;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens. */
    public URI uri() {
        return URI.create(
                (server instanceof SSLServerSocket ? "https" : "http") + "://127.0.0.1:" + server.getLocalPort());
    }

    /** The next recorded request; fails when none comes. */
    public Recorded take() {
        try {
            Recorded next = requests.poll(30, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("the origin got no request; violations: " + violations);
            }
            return next;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All requests so far that nobody took. */
    public List<Recorded> drain() {
        List<Recorded> all = new ArrayList<>();
        requests.drainTo(all);
        return all;
    }

    /** What a strict reader refused. */
    public List<String> violations() {
        return violations;
    }

    /** How many connections the gate has opened. */
    public int connections() {
        return connections.size();
    }

    /** Answers requests that match in this way instead of with 200. The newest matching rule wins. */
    public void answer(Predicate<Recorded> when, Answer answer) {
        answers.remove(when); // so that it is the newest, whatever the lambda was before
        answers.put(when, answer);
    }

    /** Answers requests for a path by raw bytes and closes. */
    public void answerRaw(String path, String bytes) {
        answer(request -> request.target().equals(path), (request, in, out) -> {
            out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return false;
        });
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                connections.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (Recorded request = read(in); request != null; request = read(in)) {
                requests.add(request);
                if (!answerFor(request).write(request, in, out)) {
                    return;
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            if (e instanceof IllegalArgumentException) {
                violations.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private Answer answerFor(Recorded request) {
        synchronized (answers) {
            Answer found = RecordingOrigin::echo;
            for (Map.Entry<Predicate<Recorded>, Answer> each : answers.entrySet()) {
                if (each.getKey().test(request)) {
                    found = each.getValue();
                }
            }
            return found;
        }
    }

    private static boolean echo(Recorded request, InputStream in, OutputStream out) throws IOException {
        byte[] body = ("origin got " + request.method() + " " + request.target() + " with " + request.body().length
                        + " bytes")
                .getBytes(StandardCharsets.UTF_8);
        out.write(("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        if (!request.method().equals("HEAD")) {
            out.write(body);
        }
        out.flush();
        return true;
    }

    private static @Nullable Recorded read(InputStream in) throws IOException {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        String line = line(in, raw);
        if (line == null) {
            return null;
        }
        String[] parts = line.split(" ", -1);
        require(parts.length == 3, "request line: " + line);
        require(parts[0].matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+"), "method: " + line);
        require(parts[1].startsWith("/") && parts[1].matches("[!-~]+") && !parts[1].contains("#"), "target: " + line);
        require(parts[2].equals("HTTP/1.1"), "version: " + line);
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        for (String field = line(in, raw); ; field = line(in, raw)) {
            require(field != null, "cut off in the fields");
            if (field == null || field.isEmpty()) {
                break;
            }
            int colon = field.indexOf(':');
            require(colon > 0 && field.substring(0, colon).matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+"), "field: " + field);
            String value = field.substring(colon + 1).strip();
            require(value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 0x7f)), "value: " + field);
            fields.add(Map.entry(field.substring(0, colon), value));
        }
        Recorded head = new Recorded(parts[0], parts[1], fields, new byte[0], "");
        require(head.all("host").size() == 1, "host: " + head.all("host"));
        byte[] body = body(head, in, raw);
        return new Recorded(parts[0], parts[1], fields, body, raw.toString(StandardCharsets.ISO_8859_1));
    }

    private static byte[] body(Recorded head, InputStream in, ByteArrayOutputStream raw) throws IOException {
        List<String> lengths = head.all("content-length");
        List<String> encodings = head.all("transfer-encoding");
        require(lengths.size() + encodings.size() <= 1, "framing: " + lengths + encodings);
        if (lengths.size() == 1) {
            require(lengths.getFirst().matches("[0-9]{1,15}"), "length: " + lengths);
            byte[] body = in.readNBytes((int) Long.parseLong(lengths.getFirst()));
            require(body.length == Long.parseLong(lengths.getFirst()), "cut off in the body");
            raw.writeBytes(body);
            return body;
        }
        return encodings.isEmpty() ? new byte[0] : chunks(encodings.getFirst(), in, raw);
    }

    private static byte[] chunks(String encoding, InputStream in, ByteArrayOutputStream raw) throws IOException {
        require(encoding.equals("chunked"), "encoding: " + encoding);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line(in, raw);
            if (size == null) {
                throw new IOException("aborted between chunks");
            }
            require(size.matches("[0-9a-fA-F]{1,8}"), "chunk: " + size);
            int length = Integer.parseInt(size, 16);
            byte[] chunk = in.readNBytes(length);
            body.writeBytes(chunk);
            String end = line(in, raw);
            if (end == null) {
                throw new IOException("aborted in a chunk");
            }
            require("".equals(end), length == 0 ? "trailers: " + end : "no end of chunk");
            if (length == 0) {
                return body.toByteArray();
            }
        }
    }

    /** A line that ends in CRLF; null at a clean end before its first byte. */
    private static @Nullable String line(InputStream in, ByteArrayOutputStream raw) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); ; c = in.read()) {
            if (c < 0) {
                if (line.size() == 0) {
                    return null;
                }
                throw new IOException("cut off in a line");
            }
            raw.write(c);
            require(c != '\n', "bare LF");
            if (c == '\r') {
                int next = in.read();
                require(next == '\n', "bare CR");
                raw.write(next);
                return line.toString(StandardCharsets.ISO_8859_1);
            }
            line.write(c);
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise.toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : connections) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
